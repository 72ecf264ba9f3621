# Nothing for Python: `cimport` it, see blocks.pxd.
