# Nothing for Python: `cimport` it, see trim.pxd.
