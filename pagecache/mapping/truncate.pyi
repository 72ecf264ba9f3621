# Nothing for Python: `cimport` it, see truncate.pxd.
