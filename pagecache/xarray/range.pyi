# Nothing for Python: `cimport` it, see range.pxd.
