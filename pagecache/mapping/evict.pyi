# Nothing for Python: `cimport` it, see evict.pxd.
