"""What comparisons are run on: generated files, recorded traces, files that a user names.

input, spec           folios to insert and pages to access; one made again from its spec
generators, sparse    generated files: of any size and pattern, with holes
trace, event, leftover  a trace in memory, its events, what they leave cached
traces, formats       the bundled ones by name; a reader a format, a folder
files, opening, residency  files by name: opened without waiting, extents, resident pages
folios, runs          folios as arrays; runs of pages
sizes                 "2G" and the like

Everything comes as numpy arrays and knows nothing of designs: no input may favour one. Each name is
imported when it is first used: who asks for a size loads no reader of traces.
"""

from pagecache.lazy import attach

NAMES = {
    "ADD": "pagecache.inputs.event:ADD",
    "BUNDLED": "pagecache.inputs.traces:BUNDLED",
    "DEL": "pagecache.inputs.event:DEL",
    "FAULT": "pagecache.inputs.event:FAULT",
    "GET": "pagecache.inputs.event:GET",
    "MAP": "pagecache.inputs.event:MAP",
    "PAGE_SHIFT": "pagecache.inputs.sizes:PAGE_SHIFT",
    "PAGE_SIZE": "pagecache.inputs.sizes:PAGE_SIZE",
    "PATTERNS": "pagecache.inputs.generators:PATTERNS",
    "FileResidency": "pagecache.inputs.files:FileResidency",
    "FileUse": "pagecache.inputs.programs:FileUse",
    "Folios": "pagecache.inputs.folios:Folios",
    "Input": "pagecache.inputs.input:Input",
    "ProgramUse": "pagecache.inputs.programs:ProgramUse",
    "Trace": "pagecache.inputs.trace:Trace",
    "UniformPages": "pagecache.inputs.input:UniformPages",
    "bundled": "pagecache.inputs.traces:bundled",
    "bundled_path": "pagecache.inputs.traces:bundled_path",
    "files_input": "pagecache.inputs.files:files_input",
    "format_size": "pagecache.inputs.sizes:format_size",
    "from_spec": "pagecache.inputs.spec:from_spec",
    "generate": "pagecache.inputs.generators:generate",
    "generate_holes": "pagecache.inputs.sparse:generate_holes",
    "largest_folios": "pagecache.inputs.runs:largest_folios",
    "parse_size": "pagecache.inputs.sizes:parse_size",
    "read_program": "pagecache.inputs.programs:read_program",
    "read_trace": "pagecache.inputs.traces:read_trace",
    "runs_input": "pagecache.inputs.files:runs_input",
    "scan": "pagecache.inputs.files:scan",
}

__all__ = list(NAMES)
__getattr__, __dir__ = attach(__name__, NAMES)
