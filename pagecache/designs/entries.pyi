# Nothing for Python: `cimport` it, see entries.pxd.
