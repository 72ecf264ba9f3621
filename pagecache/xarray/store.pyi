# Nothing for Python: `cimport` it, see store.pxd.
