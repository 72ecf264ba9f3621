# Nothing for Python: `cimport` it, see compact.pxd.
