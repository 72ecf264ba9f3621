"""The command line: arguments, progress and exit codes; everything else is a floor below."""

from pagecache.cli.main import main

__all__ = ["main"]
