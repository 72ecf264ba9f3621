"""Reading of traces, from a file to events in memory: 100,000 lines of each format."""

import tempfile
from functools import cache
from pathlib import Path

from pagecache.inputs import read_trace

from .common import Benchmark

LINES = 100_000
TEXT = "mm_filemap_add_to_page_cache: dev 254:0 ino {file:x} pfn=0x{k:x} ofs={offset} order=0\n"
FORMS = {
    "ftrace": "     git log-4711    [001] d..1.  {seconds}.{k:06d}: " + TEXT,
    "perf": "   git log  4711 [001]  {seconds}.{k:06d}:      filemap:" + TEXT,
    "filemap-csv": "{k},4711,add,254:0,{file},{k},1,0\n",
    "strace": '4711  pread64(3, "ab"..., 4096, {offset}) = 4096\n',
    "msr": "{k}0,usr,{file},Read,{offset},4096,41286\n",
    "arc": "{k} 1 0 {k}\n",
}
BEGINNINGS = {
    "filemap-csv": "t_us,pid,ev,dev,ino,index,count,order\n",
    "strace": '4711  openat(AT_FDCWD, "/data", O_RDONLY) = 3\n',
}
FOLDER = tempfile.TemporaryDirectory(prefix="pagecache-benchmark.")


@cache
def written(form: str) -> Path:
    """A file of that format, of 100 files in turn."""
    path = Path(FOLDER.name) / form
    lines = (
        FORMS[form].format(k=k, seconds=2000 + k, offset=k << 12, file=1 + k // 1000)
        for k in range(LINES)
    )
    path.write_text(BEGINNINGS.get(form, "") + "".join(lines))
    return path


class Reading(Benchmark):
    """How long does a user wait until a trace is read?"""

    number = 1
    params = (tuple(FORMS),)
    param_names = ("format",)

    def setup(self, form: str) -> None:
        self.path = written(form)

    def time_read(self, form: str) -> None:
        read_trace(self.path, format=form)
