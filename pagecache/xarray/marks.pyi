# Nothing for Python: `cimport` it, see marks.pxd.
