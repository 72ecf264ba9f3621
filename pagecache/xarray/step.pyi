# Nothing for Python: `cimport` it, see step.pxd.
