# Nothing for Python: `cimport` it, see split.pxd.
