"""Calls into a shared object."""

cimport cython

import os

from pagecache.designs.c_walk cimport c_walk_t, teller_t, tell_to
from pagecache.designs.contract cimport (
    FAULT_AROUND,
    GET,
    HUGE_FAULT,
    INSERT,
    LOAD,
    MARK,
    NEXT_FOLIO,
    READ,
    REMOVE,
    SCAN,
    TRUNCATE,
    PageIndex,
    call_t,
    pair_t,
    verb_t,
)
from pagecache.page.frames cimport Frames, page_t

from pagecache.errors import InputError, WrongAnswer
from pagecache.picture.telling import Telling

AT_ONCE = "--meanwhile: a design in C tells its walk when it has ended; nothing comes between"

cdef extern from "<dlfcn.h>" nogil:
    void* dlopen(const char* path, int flags)
    void* dlsym(void* library, const char* name)
    const char* dlerror()
    int RTLD_NOW, RTLD_LOCAL


@cython.no_gc_clear  # what it is made of must be there when it is taken down
cdef class CDesign(PageIndex):
    """The index of one file under a design of a shared object, which a subclass names.

    Parameters
    ----------
    frames : Frames
        The struct pages that entries name.
    huge_order : int
        Order of a huge page in `huge_fault`.
    """

    library = ""  # the path of the shared object

    def __cinit__(self, Frames frames not None, *args, **options):
        self.design = loaded(type(self).library)
        self.file.base, self.file.frames = <c_page_t*>frames.base, frames.count
        self.file.mapping, self.file.pages = <void*>self, &self.pages
        self.file.huge_order, self.file.backed = self.huge_order, frames.backed
        self.state = self.design.create(&self.file)
        if self.state is NULL:
            raise MemoryError(f"{type(self).library}: create() gave no index")

    def __dealloc__(self):
        if self.state is not NULL:
            self.design.destroy(self.state)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        return self.design.load(self.state, index)

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return self.design.insert(self.state, index, order, pfn)

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return self.design.remove(self.state, index)

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        return self.design.next_folio(self.state, index)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        if self.design.get is NULL:
            return PageIndex.get(self, index)
        return self.design.get(self.state, index)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        if self.design.read is NULL:
            return PageIndex.read(self, index, count)
        return self.design.read(self.state, index, count)

    cdef uint64_t truncate(self) noexcept nogil:
        if self.design.truncate is NULL:
            return PageIndex.truncate(self)
        return self.design.truncate(self.state)

    cdef pair_t pair(self, verb_t verb) noexcept nogil:
        """The design's own function, where it has one, and what `create` returned."""
        cdef pair_t found
        found.call, found.self = own_call(self.design, verb), self.state
        return PageIndex.pair(self, verb) if found.call is NULL else found

    def set_limit(self, uint64_t limit):
        """Take no more than `limit` bytes; an insertion that would need more fails."""
        self.design.set_limit(self.state, limit)

    @property
    def nodes(self):
        """What the design counts as its nodes."""
        return self.design.nodes(self.state)

    @property
    def index_bytes(self):
        """Bytes that the design has allocated for this file."""
        return self.design.index_bytes(self.state)

    @property
    def is_empty(self):
        """Whether nothing is stored, as the design has it."""
        return self.pages == 0 and self.design.is_empty(self.state) != 0

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, as the design tells it.

        Raises InputError for a writer that comes between, WrongAnswer if the walk does not end at
        what `load` answers or tells of what cannot be.
        """
        cdef teller_t teller
        if between is not None:
            raise InputError(AT_ONCE)
        telling = Telling(index)
        tell_to(&teller, telling)
        self.design.walk(self.state, index, <c_walk_t*>&teller)
        try:
            walk = telling.walk()
            found = "nothing" if walk.found is None else walk.found.holds
            named = self.named(index)
            named = "nothing" if named is None else f"frame {named}"
            if found != named:
                raise WrongAnswer(f"it ends at {found}, and load answers {named}")
        except WrongAnswer as wrong:
            raise WrongAnswer(f"{self.library}: walk of index {index}: {wrong}") from None
        return walk

    def check(self):
        """Raise AssertionError, with the dump, if the design or the contract finds a violation."""
        cdef const char* violation
        if self.design.check is not NULL:
            violation = self.design.check(self.state)
            assert violation is NULL, f"{violation.decode(errors='replace')}\n{self.dump()}"
        PageIndex.check(self)


cdef bint same_struct_page() noexcept:
    """Do the header and page/frames.pxd lay out a struct page alike?"""
    cdef page_t ours
    cdef c_page_t theirs
    cdef char* a = <char*>&ours
    cdef char* b = <char*>&theirs
    return (
        sizeof(page_t) == sizeof(c_page_t)
        and <char*>&ours.flags - a == <char*>&theirs.flags - b
        and <char*>&ours.compound_head - a == <char*>&theirs.compound_head - b
        and <char*>&ours.order - a == <char*>&theirs.order - b
        and <char*>&ours.compound_mapcount - a == <char*>&theirs.compound_mapcount - b
        and <char*>&ours.mapping - a == <char*>&theirs.mapping - b
        and <char*>&ours.index - a == <char*>&theirs.index - b
        and <char*>&ours.mapcount - a == <char*>&theirs.mapcount - b
        and <char*>&ours.refcount - a == <char*>&theirs.refcount - b
    )


if not same_struct_page():
    raise ImportError("pagecache_design.h and page/frames.pxd lay out a struct page differently")


cdef call_t own_call(const c_design_t* design, verb_t verb) noexcept nogil:
    """The function of a shared object for a verb; NULL where it is absent."""
    if verb == LOAD:
        return <call_t>design.load
    if verb == INSERT:
        return <call_t>design.insert
    if verb == REMOVE:
        return <call_t>design.remove
    if verb == NEXT_FOLIO:
        return <call_t>design.next_folio
    if verb == GET:
        return <call_t>design.get
    if verb == READ:
        return <call_t>design.read
    if verb == FAULT_AROUND:
        return <call_t>design.fault_around
    if verb == HUGE_FAULT:
        return <call_t>design.huge_fault
    if verb == MARK:
        return <call_t>design.mark
    if verb == SCAN:
        return <call_t>design.scan
    return <call_t>design.truncate if verb == TRUNCATE else NULL


cdef const c_design_t* loaded(str path) except NULL:
    """What a shared object exports; it stays loaded.  OSError says why it cannot be used."""
    cdef bytes encoded = os.fsencode(os.path.abspath(path))
    cdef void* library = dlopen(encoded, RTLD_NOW | RTLD_LOCAL)
    cdef const c_design_t* design
    if library is NULL:
        raise OSError(dlerror().decode(errors="replace"))
    design = <const c_design_t*>dlsym(library, "pagecache_design")
    if design is NULL or not 1 <= design.version <= PAGECACHE_DESIGN_VERSION:
        raise OSError(f"{path} has no pagecache_design of version 1 to {PAGECACHE_DESIGN_VERSION}")
    return design
