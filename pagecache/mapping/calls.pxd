"""The calls on a file's bytes, and the way that each of them goes.

A call checks what it was given, turns it into bytes from `start` up to `end`, and hands that to
`operate` (operation.pxd), as the loop over arrays does: what one answers, the other answers too.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.view cimport View


cdef class Calls(View):
    cdef readonly object file
    cdef uint64_t do(
        self, unsigned int op, start, end, uint64_t argument=*) except? 0xFFFFFFFFFFFFFFFF
