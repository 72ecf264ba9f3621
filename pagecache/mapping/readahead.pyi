# Nothing for Python: `cimport` it, see readahead.pxd.
