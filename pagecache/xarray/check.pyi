# Nothing for Python: `cimport` it, see check.pxd.
