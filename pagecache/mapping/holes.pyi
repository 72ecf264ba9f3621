# Nothing for Python: `cimport` it, see holes.pxd.
