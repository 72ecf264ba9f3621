"""The formats of traces, one reader a file.

format              what a format is: it recognises the first bytes of a file and reads the rest
source              the bytes of a trace, decompressed, as blocks of whole lines or records
pieces              arrays of events made traces, and bytes made pages
zstd                decompression that Python lacks

of the page cache
filemap_csv         the kernel's filemap events as CSV: what `pagecache record` writes
kernel_events       the same as ftrace, trace-cmd and perf print them; kernel_lines reads the lines
residency           what fincore and vmtouch print
extents             data, holes and cached pages of a file, as CSV

of programs
strace              its output; strace_lines joins parts of calls, strace_files follows positions
strace_csv          the same as CSV, with positions rebuilt

of devices and caches
requests            what these have in common
blkparse, msr, vscsi, libcachesim, disksim_validation
numbers             bare numbers, which must be asked for: ARC and LIRS lists, u32, MQSim, DiskSim

To add a format, write its class in a file of its own and its instance into FORMATS; then give
tests/inputs/formats a sample of it, which the contract test asks for.

Knows nothing of what a trace is used for: what holds for all traces is checked in
`pagecache.inputs.trace`, not here.
"""

from pagecache.inputs.formats.blkparse import Blkparse
from pagecache.inputs.formats.disksim_validation import DiskSimValidation
from pagecache.inputs.formats.extents import Extents
from pagecache.inputs.formats.filemap_csv import FilemapCsv
from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.kernel_events import Ftrace, PerfScript, TraceCmd
from pagecache.inputs.formats.libcachesim import LibCacheSimCsv, OracleGeneral
from pagecache.inputs.formats.msr import Msr
from pagecache.inputs.formats.numbers import Arc, DiskSim, Lirs, MqSim, Numbers32
from pagecache.inputs.formats.residency import Fincore, Vmtouch
from pagecache.inputs.formats.strace import Strace
from pagecache.inputs.formats.strace_csv import StraceCsv
from pagecache.inputs.formats.vscsi import Vscsi

FORMATS: tuple[Format, ...] = (
    FilemapCsv(),
    Ftrace(),
    TraceCmd(),
    PerfScript(),
    Strace(),
    StraceCsv(),
    Blkparse(),
    Msr(),
    Vscsi(),
    OracleGeneral(),
    LibCacheSimCsv(),
    DiskSimValidation(),
    Fincore(),
    Vmtouch(),
    Extents(),
    Arc(),
    Lirs(),
    Numbers32(),
    MqSim(),
    DiskSim(),
)

__all__ = ["FORMATS", "Format"]
