# Nothing for Python: `cimport` it, see breaking.pxd.
