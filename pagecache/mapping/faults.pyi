# Nothing for Python: `cimport` it, see faults.pxd.
