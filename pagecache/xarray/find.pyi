# Nothing for Python: `cimport` it, see find.pxd.
