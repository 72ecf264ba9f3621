"""Grids of counted studies: designs, files, policies, memories and seeds, crossed, on many cores.

    grid        GRID.toml: read, checked with line and key, crossed into cells
    cell        one combination: the file, the memory and the policy that it stands for
    counting    a cell of a generated file run for real, and what is counted of it
    traced      the same of a recorded trace, in bounded memory
    sampling    which blocks of a trace are followed, and what the sample says of all of them
    columns     what a row holds
    task        what a worker is given, and what it answers: one way for all workers
    identity    which version and build of the package a worker runs
    shipping    traces on their way to workers
    embedded    all cores of this machine
    cluster     the workers of a Dask scheduler
    orphan      processes that end with their parent
    table       rows on disk: parts that are whole or absent, one sorted table at the end
    manifest    who ran which cell, when, how often, and what failed
    directory   DIR: its lock, its grid, what is done and what is left
    plan        what a sweep will take, before it runs
    sweeping    all of it together; reading a table again

A row holds what the cell determines and nothing else, so that any machine, any number of workers
and any history of kills give the same table, byte for byte.  Seconds, hosts and attempts go to the
manifest.  Nothing here knows how results look.
"""

from pagecache.lazy import attach

__getattr__, __dir__ = attach(
    __name__,
    {
        "load_sweep": "pagecache.sweep.sweeping:load_sweep",
        "read_grid": "pagecache.sweep.grid:read_grid",
        "run_sweep": "pagecache.sweep.sweeping:run_sweep",
    },
)
