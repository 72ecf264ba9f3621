"""``pagecache study scopes``: allocations that can wait for themselves, and the ways out."""

import argparse
import io
import sys

from pagecache.inputs.opening import reading
from pagecache.studies.chains import Chains, read_chains
from pagecache.studies.lockdep import check
from pagecache.studies.strategies import compare

# Made up; its shape is that of any journalling filesystem.
EXAMPLE = """
reclaim fs calls prune_inodes
create                          # a task makes a file
    lock ILOCK                  # of the directory
        call add_name
        call log_change
rename
    lock ILOCK
        call add_name
lookup                          # reads, with no lock that reclaim takes
    call read_block
add_name
    call read_block
    alloc name GFP_NOFS
read_block                      # shared: under the lock in create, without it in lookup
    alloc buffer GFP_KERNEL
log_change
    alloc ticket GFP_NOFS
statfs                          # with no lock at all
    alloc reply GFP_KERNEL
prune_inodes
    call drop_inode
drop_inode
    lock ILOCK
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    text = "call chains, as docs/allocation-scopes.md writes them (default: an example)"
    parser.add_argument("file", nargs="?", metavar="FILE", help=text)


def run(options: argparse.Namespace) -> int:
    """Print what is found in the chains, and each way to answer it."""
    if options.file is None:
        sys.stdout.write(f"Call chains:\n{EXAMPLE}\n")
    chains = chains_of(options.file)
    sys.stdout.write(f"Found:\n\n{check(chains)}\n\nThe ways out:\n\n{compare(chains)}\n")
    return 0


def chains_of(path: str | None) -> Chains:
    """The chains of a file, or of the example."""
    if path is None:
        return read_chains(EXAMPLE, "example")
    with reading(path) as file, io.TextIOWrapper(file, "utf-8", errors="replace") as text:
        return read_chains(text.read(), path)
