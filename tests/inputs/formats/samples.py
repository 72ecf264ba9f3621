# ruff: noqa: E501 - lines as tools print them
"""A sample of each format: bytes of it, and what they say. Written from the formats' descriptions."""

import struct
from dataclasses import dataclass, field

Said = tuple[str, str, int, int, int, int]


@dataclass(frozen=True)
class Sample:
    """A whole file and its events: (name, file, index, count, order, line).

    `records` is the size of a binary format's records; `strict` formats leave no line out; `tail`
    is what only the end of a file may have.
    """

    text: bytes
    events: list[Said] = field(default_factory=list)
    records: int = 0
    strict: bool = False
    tail: bytes = b""

    @property
    def body(self) -> bytes:
        return self.text.removesuffix(self.tail)


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
    strict=True,
)

FTRACE = Sample(
    b"""# tracer: nop
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
CPU:1 [LOST 12 EVENTS]
   kworker/0:1-[a]-77      [000] d..1.   100.000001: mm_filemap_add_to_page_cache: dev 8:1 ino 1f pfn=0x9a ofs=2097152 order=9
            <...>-1234    [001] .....   100.000009: sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b
 my prog 2-x [0-1235    (   1200) [003] d..1   100.000031: mm_filemap_delete_from_page_cache: dev 8:1 ino 1f page=00000000abcd pfn=154 ofs=4096
              cat-9     [000] .....   100.000040: mm_filemap_get_pages: dev=8:2 ino=ffffffffff ofs=0-131071
              cat-9     [000] .....   100.000041: mm_filemap_fault: dev=8:2 ino=0xa ofs=8192
              cat-9     [000] .....   100.000042: mm_filemap_map_pages: dev=8:2 ino=a ofs=0-65535
""",
    [
        ("add", "8:1/31", 512, 512, 9, 4),
        ("del", "8:1/31", 1, 1, 0, 6),
        ("get", "8:2/1099511627775", 0, 32, -1, 7),
        ("fault", "8:2/10", 2, 1, -1, 8),
        ("map", "8:2/10", 0, 16, -1, 9),
    ],
)

TRACE_CMD = Sample(
    b"""cpus=2
CPU:0 [3 EVENTS DROPPED]
        git log-4711  [001]  2000.123456: mm_filemap_add_to_page_cache: dev 254:0 ino 3f854 pfn=0x16c499 ofs=16384 order=2
           <idle>-0     [000]  2000.123457: sched_wakeup:         git:4711 [120] CPU:001
        git log-4711  [001]  2000.123458: mm_filemap_fault: dev=254:0 ino=3f854 ofs=20480
""",
    [("add", "254:0/260180", 4, 4, 2, 3), ("fault", "254:0/260180", 5, 1, -1, 5)],
)

PERF = Sample(
    b"""            sh -c  6863 [001]  6260.758276:      filemap:mm_filemap_add_to_page_cache: dev 0:3 ino fe00000 pfn=0x48ab13 ofs=18937012224 order=0
\tffffffff81234567 filemap_add_folio+0x97 ([kernel.kallsyms])

              perf  6863/6864  [000]  6260.758581012:      filemap:mm_filemap_delete_from_page_cache: dev 0:3 ino fe00000 page=0xffffea00045 pfn=1165529 ofs=0
               :-1    -1 [000]  6260.758590:      sched:sched_switch: prev_comm=x
""",
    [("add", "0:3/266338304", 4623294, 1, 0, 1), ("del", "0:3/266338304", 0, 1, 0, 4)],
)

STRACE = Sample(
    rb"""100  openat(AT_FDCWD, "/data/a, b", O_RDONLY|O_CLOEXEC) = 3
100  read(3, "x) = 9, \"y\""..., 6000)      = 6000
100  lseek(3, -4096, SEEK_END)         = 40960
100  vfork( <unfinished ...>
101  dup2(3, 7 <unfinished ...>
101  <... dup2 resumed>)               = 7
101  read(7,  <unfinished ...>
100  <... vfork resumed>)              = 101
101  <... read resumed>"...", 8192)    = 4096
100  read(3, "", 4096)                 = 0
100  pread64(3, "abc"..., 100, 8192)   = 100
100  mmap(NULL, 10000, PROT_READ, MAP_PRIVATE, 3, 0x5000) = 0x7f0000000000
100  write(1, "hello\n", 6)            = 6
100  openat(AT_FDCWD, "/nowhere", O_RDONLY) = -1 ENOENT (No such file or directory)
101  +++ exited with 0 +++
100  --- SIGCHLD {si_signo=SIGCHLD, si_pid=101} ---
""",
    [
        ("get", "/data/a, b", 0, 2, -1, 2),
        ("get", "/data/a, b", 10, 1, -1, 9),
        ("get", "/data/a, b", 2, 1, -1, 11),
        ("map", "/data/a, b", 5, 3, -1, 12),
    ],
)

STRACE_CSV = Sample(
    b"""seq,t_us,pid,op,file,offset,length,extra
0,0,100,open,0,0,0,
1,5,100,read,0,4000,200,
2,9,101,pwrite,7,8192,0,
3,10,101,pwrite,7,8192,4096,
4,11,101,ftruncate,7,0,4096,
5,12,101,mmap,0,12288,8193,READ|EXEC/P
""",
    [
        ("get", "file 0", 0, 2, -1, 3),
        ("get", "file 7", 2, 1, -1, 5),
        ("map", "file 0", 3, 3, -1, 7),
    ],
)

EXTENTS = Sample(
    b"kind,page,pages\ndata,0,9\nhole,9,7\nresident,8,2\nresident,13,1\n",
    [("add", "file", page, 1, 0, line) for page, line in ((8, 4), (9, 4), (13, 5))],
)

BLKPARSE = Sample(
    b"""  8,32   7        1     0.000000000  2923  Q   R 272208 + 2 [direct_io_read_]
  8,32   7        2     0.000000100  2923  G   R 272208 + 2 [direct_io_read_]
  8,32   7        3     0.000000200  2923  P   N [direct_io_read_]
  8,32   7        4     0.000001000  2923  Q  WS 8 + 16 [jbd2/sdc]
  8,32   7        5     0.000002000  2923  Q   D 0 + 4096 [fstrim]
  8,32   7        6     0.000900000     0  C   R 272208 + 2 [0]
  8,33   7        7     0.001000000  2923  Q  FN [sync]
CPU7 (8,32):
 Reads Queued:           1,        1KiB\t Writes Queued:           1,        8KiB
""",
    [("get", "8:32", 34026, 1, -1, 1), ("get", "8:32", 1, 2, -1, 4)],
    tail=b"""CPU7 (8,32):
 Reads Queued:           1,        1KiB\t Writes Queued:           1,        8KiB
""",
)

MSR = Sample(
    b"""128166372003061629,usr,0,Read,7014609920,24576,41286
128166372016382155,usr,1,Write,4095,2,1963
""",
    [("get", "usr.0", 1712551, 7, -1, 1), ("get", "usr.1", 0, 2, -1, 2)],
)


def vscsi(*records: tuple[int, int, int, int]) -> bytes:
    """Records of (bytes, command, block, time)."""
    rows = [
        struct.pack("<IIIHHQQ", k, size, 1, command, 256, block, time)
        for k, (size, command, block, time) in enumerate(records)
    ]
    return b"".join(rows)


VSCSI = Sample(
    vscsi((4096, 0x28, 7, 5633898368802), (512, 0x2A, 2**40, 56338983689), (512, 0x28, 15, 5)),
    [
        ("get", "device", 0, 2, -1, 1),
        ("get", "device", 2**37, 1, -1, 2),
        ("get", "device", 1, 1, -1, 3),
    ],
    records=32,
)  # fmt: skip

ORACLE = Sample(
    b"".join(
        struct.pack("<IQIq", *record)
        for record in (
            (0, 7, 4096, 3), (0, 2**63, 100, -1), (5, 9, 8193, 2**63 - 1), (5, 7, 4096, -1),
        )
    ),
    [
        ("get", "device", 7, 1, -1, 1),
        ("get", "device", 2**63, 1, -1, 2),
        ("get", "device", 9, 3, -1, 3),
        ("get", "device", 7, 1, -1, 4),
    ],
    records=24,
)  # fmt: skip

LIBCACHESIM_CSV = Sample(
    b"time, obj_id, obj_size, op\n0.5, 3, 4096, get\n1, 5, 4097, get\n",
    [("get", "objects", 3, 1, -1, 2), ("get", "objects", 5, 2, -1, 3)],
)

DISKSIM_VALIDATION = Sample(
    b"R Hit 265552 2 14901.000000 4757.708232\nW Miss 7 9 21725.000000 7050.375042\n",
    [("get", "drive", 33194, 1, -1, 1), ("get", "drive", 0, 2, -1, 2)],
)

FINCORE = Sample(
    b"  RES PAGES  SIZE FILE\n  12K     3  100K /srv/with blanks.db\n   0B     0    1M /srv/cold\n",
    [("add", "/srv/with blanks.db", page, 1, 0, 2) for page in range(3)],
)

VMTOUCH = Sample(
    b"""/srv/with blanks.db
\r[    ] 0/8\r[O oO] 5/8
/srv/cold
\r[  ] 0/2

           Files: 2
     Directories: 0
  Resident Pages: 5/10  20K/40K  50%
         Elapsed: 0.0001 seconds
""",
    [("add", "/srv/with blanks.db", page, 1, 0, 2) for page in (0, 1, 4, 6, 7)],
)

ARC = Sample(
    b"100 2 0 0\n7 1 0 1\n",
    [("get", "blocks", 100, 2, -1, 1), ("get", "blocks", 7, 1, -1, 2)],
)

LIRS = Sample(
    b"1005\n*\n6\n1005\n",
    [("get", "blocks", page, 1, -1, line) for page, line in ((1005, 1), (6, 3), (1005, 4))],
)

U32 = Sample(
    struct.pack("<3I", 9, 2**32 - 1, 9),
    [("get", "device", page, 1, -1, k) for k, page in enumerate((9, 2**32 - 1, 9), 1)],
    records=4,
)

MQSIM = Sample(
    b"938513000 4 15 16 0\n938828000 3 64 8 1\n",
    [("get", "device 4", 1, 3, -1, 1), ("get", "device 3", 8, 1, -1, 2)],
)

DISKSIM = Sample(
    b"0.5 0 7 2 1\n1.25 1 16 8 0\n",
    [("get", "device 0", 0, 2, -1, 1), ("get", "device 1", 2, 1, -1, 2)],
)

SAMPLES = {
    "filemap-csv": FILEMAP_CSV,
    "ftrace": FTRACE,
    "trace-cmd": TRACE_CMD,
    "perf": PERF,
    "strace": STRACE,
    "strace-csv": STRACE_CSV,
    "extents": EXTENTS,
    "blkparse": BLKPARSE,
    "msr": MSR,
    "vscsi": VSCSI,
    "oracleGeneral": ORACLE,
    "libcachesim-csv": LIBCACHESIM_CSV,
    "disksim-validation": DISKSIM_VALIDATION,
    "fincore": FINCORE,
    "vmtouch": VMTOUCH,
    "arc": ARC,
    "lirs": LIRS,
    "u32": U32,
    "mqsim": MQSIM,
    "disksim": DISKSIM,
}
