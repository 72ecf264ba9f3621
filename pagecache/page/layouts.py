"""The three arrangements of struct page, as data: who uses which bytes.

    before-2018    four unions apart: 3 words in a row for a subsystem that takes pages for itself
    after-2018     one union of five words, 8..47, and the bit that tells tails at its start
    folio          the same with more in the tails, and the page pool of the network

``pagecache study layouts`` prints them.  The C structs that the compiled accessors use are
generated from these tables (tools/make_page_structs.py).
"""

from functools import partial

from pagecache.errors import InputError
from pagecache.page.fields import SHARED, Field, Layout

every = partial(Field, SHARED)
cached = partial(Field, "page cache")
slab = partial(Field, "slab")
slub = partial(Field, "slub")
tail1 = partial(Field, "first tail")
tail2 = partial(Field, "second tail")
tables = partial(Field, "page table")
device = partial(Field, "ZONE_DEVICE")
rcu = partial(Field, "RCU")
pool = partial(Field, "page pool")

FLAGS = every("flags", 0, 8, "locked, up to date, dirty, head, ...", "uint64_t")
MEMCG = every("memcg", 56, 8, "the memory cgroup charged")
HEAD = "address of the head, plus 1"
MAPPING = "the file's mapping; low bits say anonymous"
INDEX = "offset in the file, in pages"
COUNTERS = "inuse 16 bits, objects 15, frozen 1"

BEFORE_2018 = Layout(
    "before-2018",
    "to 4.17",
    (
        FLAGS,
        every("refcount", 28, 4, "references; freed at 0", "int32_t"),
        MEMCG,
        cached("mapping", 8, 8, MAPPING, "void*"),
        cached("index", 16, 8, INDEX, "uint64_t"),
        cached("mapcount", 24, 4, "mappings - 1", "int32_t"),
        cached("lru", 32, 16, "the list of pages by age", bit0_clear=True),
        cached("private", 48, 8, "the filesystem's own"),
        slab("s_mem", 8, 8, "the first object", bit0_clear=True),
        slab("freelist", 16, 8, "indices of the free objects"),
        slab("active", 24, 4, "objects in use"),
        slab("list", 32, 16, "the list of slabs", bit0_clear=True),
        slab("cache", 48, 8, "the owning cache"),
        slub("freelist", 16, 8, "the first free object", pair="counters"),
        slub("counters", 24, 8, COUNTERS + ", and the refcount", holds=("refcount",)),
        slub("list", 32, 16, "the list of slabs; or next, pages, pobjects", bit0_clear=True),
        slub("cache", 48, 8, "the owning cache"),
        tail1("compound_mapcount", 8, 4, "mappings of the whole - 1", "int32_t"),
        tail1("mapcount", 24, 4, "mappings of this page - 1"),
        tail1("compound_head", 32, 8, HEAD, "uint64_t"),
        tail1("destructor", 40, 4, "how the block is freed"),
        tail1("order", 44, 4, "order of the block", "uint32_t"),
        tail2("deferred_list", 8, 16, "blocks to be split"),
        tail2("mapcount", 24, 4, "mappings of this page - 1"),
        tail2("compound_head", 32, 8, HEAD),
        tables("pmd_huge_pte", 40, 8, "page table kept for a huge PMD"),
        tables("split_lock", 48, 8, "lock of this page table"),
        device("pgmap", 32, 8, "the device's map", bit0_clear=True),
    ),
)

REFCOUNT = every("refcount", 52, 4, "references; freed at 0", "int32_t")
HEADS = (  # what a page that is no tail has been used for since 4.18
    FLAGS,
    REFCOUNT,
    MEMCG,
    cached("lru", 8, 16, "the list of pages by age", bit0_clear=True),
    cached("mapping", 24, 8, MAPPING, "void*"),
    cached("index", 32, 8, INDEX, "uint64_t"),
    cached("private", 40, 8, "the filesystem's own"),
    cached("mapcount", 48, 4, "mappings - 1", "int32_t"),
    slab("list", 8, 16, "the list of slabs", bit0_clear=True),
    slab("cache", 24, 8, "the owning cache"),
    slab("freelist", 32, 8, "indices of the free objects"),
    slab("s_mem", 40, 8, "the first object"),
    slab("active", 48, 4, "objects in use"),
    slub("list", 8, 16, "the list of slabs; or next, pages, pobjects", bit0_clear=True),
    slub("cache", 24, 8, "the owning cache"),
    slub("freelist", 32, 8, "the first free object", pair="counters"),
    slub("counters", 40, 8, COUNTERS),
    tables("pad", 8, 8, "would be the head's address: not used", bit0_clear=True),
    tables("pmd_huge_pte", 16, 8, "page table kept for a huge PMD"),
    tables("pad_mapping", 24, 8, "would be the mapping: not used"),
    tables("pgd_owner", 32, 8, "owner of a PGD, or references to fragments"),
    tables("split_lock", 40, 8, "lock of this page table"),
    tables("page_type", 48, 4, "says that it is a page table"),
    device("pgmap", 8, 8, "the device's map", bit0_clear=True),
    device("hmm_data", 16, 8, "the driver's own"),
    device("pad", 24, 8, "would be the mapping: not used"),
    rcu("rcu_head", 8, 16, "freed after a grace period", bit0_clear=True),
)
TAIL = (
    tail1("compound_head", 8, 8, HEAD, "uint64_t"),
    tail1("destructor", 16, 1, "how the block is freed"),
    tail1("order", 17, 1, "order of the block", "uint8_t"),
    tail1("compound_mapcount", 20, 4, "mappings of the whole - 1", "int32_t"),
    tail1("mapcount", 48, 4, "mappings of this page - 1"),
    tail2("compound_head", 8, 8, HEAD),
    tail2("deferred_list", 24, 16, "blocks to be split"),
    tail2("mapcount", 48, 4, "mappings of this page - 1"),
)
AFTER_2018 = Layout(
    "after-2018",
    "4.18 to 5.16",
    (*HEADS, *TAIL, tail2("pad", 16, 8, "between the head and the list: not used")),
)
FOLIO = Layout(
    "folio",
    "from 5.17 on; SLAB and SLUB in a struct of their own over the same bytes",
    (
        *HEADS,
        *TAIL,
        tail1("compound_nr", 24, 4, "pages of the block"),
        tail2("pincount", 16, 4, "references by long-term pins"),
        pool("magic", 8, 8, "recognises a page of a pool", bit0_clear=True),
        pool("pool", 16, 8, "the pool"),
        pool("pad_mapping", 24, 8, "would be the mapping: not used"),
        pool("dma_addr", 32, 8, "the page's address on the bus"),
        pool("extra", 40, 8, "fragments, or the upper half of that address"),
    ),
)

LAYOUTS = {layout.name: layout for layout in (BEFORE_2018, AFTER_2018, FOLIO)}
DEFAULT = AFTER_2018.name  # what pagecache.page.frames compiles

for _layout in LAYOUTS.values():
    _layout.check()


def find(name: str) -> Layout:
    """The layout of that name; InputError names all.

    Examples
    --------
    >>> from pagecache.page import layouts
    >>> layouts.find("after-2018").field("page cache", "mapping").offset
    24
    """
    if name not in LAYOUTS:
        raise InputError(f"unknown layout '{name}'; known: {', '.join(LAYOUTS)}")
    return LAYOUTS[name]
