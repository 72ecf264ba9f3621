"""asv suites: what each design costs, commit by commit.

All of them, for the last commit: ``asv run HEAD^!``.  One suite with the Python at hand, nothing
saved: ``asv run -E existing --quick --show-stderr --dry-run --launch-method forkserver -b get``.
Compare commits without that method: a new process each is what makes rounds independent.
"""
