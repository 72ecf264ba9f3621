# Nothing for Python: `cimport` it, see batch.pxd.
