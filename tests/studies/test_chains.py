"""Call chains as text: what they are read into, and what is said of lines that are not steps."""

import pytest

from pagecache.errors import InputError
from pagecache.gfp.flags import GFP_KERNEL, GFP_NOFS, Gfp
from pagecache.studies.chains import Alloc, Call, Lock, Scope, read_chains

TEXT = """
reclaim fs calls evict, shrink    # a comment
reclaim io calls submit

create:
    lock ILOCK
        call grow
        noio
            alloc log GFP_KERNEL | NOWARN
    alloc inode GFP_KERNEL
grow
    nofs
        alloc block GFP_NOFS|ZERO
evict
\tlock ILOCK
shrink
submit
    lock QUEUE
"""


def test_lines_become_steps() -> None:
    chains = read_chains(TEXT)
    log = Alloc("log", GFP_KERNEL | Gfp.NOWARN, 9)
    inner = (Call("grow", 7), Scope("noio", (log,), 8))
    assert chains.functions == {
        "create": (Lock("ILOCK", inner, 6), Alloc("inode", GFP_KERNEL, 10)),
        "grow": (Scope("nofs", (Alloc("block", GFP_NOFS | Gfp.ZERO, 13),), 12),),
        "evict": (Lock("ILOCK", (), 15),),
        "shrink": (),
        "submit": (Lock("QUEUE", (), 18),),
    }
    assert chains.reclaim == {"fs": ("evict", "shrink"), "io": ("submit",)}
    assert [site.name for site in chains.sites()] == ["log", "inode", "block"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n    call grwo\ngrow", "a calls grwo, which is not defined; did you mean grow?"),
        ("a\n    call zzz", "a calls zzz, which is not defined; define it too"),
        ("reclaim fs calls evit\nevict", "reclaim fs calls evit, which .* did you mean evict?"),
        ("a\n    alloc x GFP_KERNLE", "unknown GFP flag 'GFP_KERNLE'; did you mean GFP_KERNEL?"),
        ("a\n    alloc x", "'alloc x' is not a step; write: call NAME"),
        ("a\n    lokc X", "'lokc X' is not a step"),
        ("a\n    call a\n        call a", "indented below a step that holds no others"),
        ("    call a", "indented outside any function"),
        ("a\nb\na", "a is defined twice"),
        ("reclaim xx calls a\na", "write a function's name, or: reclaim fs|io calls"),
        ("reclaim", "write a function's name, or: reclaim fs|io calls"),
        ("two words", "write a function's name"),
    ],
)
def test_line_that_is_none_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_chains(text, "file.chains")
    assert str(caught.value).startswith("file.chains:")
    assert "\n" not in str(caught.value)


def test_error_names_its_line() -> None:
    with pytest.raises(InputError, match=r"^chains:4: a calls c"):
        read_chains("# one\n\na\n    call c\nb")


def test_nothing_reads_as_nothing() -> None:
    assert read_chains("\n# nothing\n").functions == {}
