# Nothing for Python: `cimport` it, see access.pxd.
