# Nothing for Python: `cimport` it, see populate.pxd.
