# Nothing for Python: `cimport` it, see view.pxd.
