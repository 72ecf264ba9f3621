# Nothing for Python: `cimport` it, see api.pxd.
