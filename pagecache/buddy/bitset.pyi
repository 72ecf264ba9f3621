# Nothing for Python: `cimport` it, see bitset.pxd.
