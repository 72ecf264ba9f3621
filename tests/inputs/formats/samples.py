"""A sample of each format: bytes of it, and what they say."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """A whole file and its events: (name, file, index, count, order, line)."""

    text: bytes
    events: list[tuple[str, str, int, int, int, int]] = field(default_factory=list)


FILEMAP_CSV = Sample(
    b"""t_us,pid,ev,dev,ino,index,count,order
0,7,add,8:1,5,512,512,9
31,7,get,8:2,6,18446744073709551615,1,
32,8,fault,8:1,5,600,1,
33,8,map,8:1,5,592,16,
40,7,del,8:1,5,512,512,9
""",
    [
        ("add", "8:1/5", 512, 512, 9, 2),
        ("get", "8:2/6", 2**64 - 1, 1, -1, 3),
        ("fault", "8:1/5", 600, 1, -1, 4),
        ("map", "8:1/5", 592, 16, -1, 5),
        ("del", "8:1/5", 512, 512, 9, 6),
    ],
)

SAMPLES = {"filemap CSV": FILEMAP_CSV}
