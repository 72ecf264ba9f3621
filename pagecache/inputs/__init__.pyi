"""The names of the package, for type checkers; they are imported when first used."""

from pagecache.inputs.event import ADD as ADD
from pagecache.inputs.event import DEL as DEL
from pagecache.inputs.event import FAULT as FAULT
from pagecache.inputs.event import GET as GET
from pagecache.inputs.event import MAP as MAP
from pagecache.inputs.files import FileResidency as FileResidency
from pagecache.inputs.files import files_input as files_input
from pagecache.inputs.files import runs_input as runs_input
from pagecache.inputs.files import scan as scan
from pagecache.inputs.folios import Folios as Folios
from pagecache.inputs.generators import PATTERNS as PATTERNS
from pagecache.inputs.generators import generate as generate
from pagecache.inputs.input import Input as Input
from pagecache.inputs.input import UniformPages as UniformPages
from pagecache.inputs.programs import FileUse as FileUse
from pagecache.inputs.programs import ProgramUse as ProgramUse
from pagecache.inputs.programs import read_program as read_program
from pagecache.inputs.runs import largest_folios as largest_folios
from pagecache.inputs.sizes import PAGE_SHIFT as PAGE_SHIFT
from pagecache.inputs.sizes import PAGE_SIZE as PAGE_SIZE
from pagecache.inputs.sizes import format_size as format_size
from pagecache.inputs.sizes import parse_size as parse_size
from pagecache.inputs.sparse import generate_holes as generate_holes
from pagecache.inputs.spec import from_spec as from_spec
from pagecache.inputs.trace import Trace as Trace
from pagecache.inputs.traces import BUNDLED as BUNDLED
from pagecache.inputs.traces import bundled as bundled
from pagecache.inputs.traces import bundled_path as bundled_path
from pagecache.inputs.traces import read_trace as read_trace

__all__ = [
    "ADD",
    "BUNDLED",
    "DEL",
    "FAULT",
    "GET",
    "MAP",
    "PAGE_SHIFT",
    "PAGE_SIZE",
    "PATTERNS",
    "FileResidency",
    "FileUse",
    "Folios",
    "Input",
    "ProgramUse",
    "Trace",
    "UniformPages",
    "bundled",
    "bundled_path",
    "files_input",
    "format_size",
    "from_spec",
    "generate",
    "generate_holes",
    "largest_folios",
    "parse_size",
    "read_program",
    "read_trace",
    "runs_input",
    "scan",
]
NAMES: dict[str, str]
