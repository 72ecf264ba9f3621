# Nothing for Python: `cimport` it, see measures.pxd.
