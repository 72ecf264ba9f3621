# Nothing for Python: `cimport` it, see alloc.pxd.
