# Nothing for Python: `cimport` it, see text.pxd.
