"""The Python class, and all plain calls of the array in one place to cimport from.

    from pagecache.xarray.xarray cimport xa_erase, xa_load, xa_store
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.api cimport (
    xa_cmpxchg,
    xa_erase,
    xa_get_order,
    xa_insert,
    xa_next,
    xa_store,
)
from pagecache.xarray.entries cimport Entries
from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.marks cimport xa_clear_mark, xa_get_mark, xa_set_mark
from pagecache.xarray.range cimport xa_store_range
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport xa_load, xarray_t


cdef class XArray(Entries):
    pass
