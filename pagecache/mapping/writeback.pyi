# Nothing for Python: `cimport` it, see writeback.pxd.
