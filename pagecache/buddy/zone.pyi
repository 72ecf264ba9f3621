# Nothing for Python: `cimport` it, see zone.pxd.
