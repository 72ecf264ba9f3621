# Nothing for Python: `cimport` it, see pcp.pxd.
