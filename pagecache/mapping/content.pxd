"""What each page holds: a number of its own, so that a lost or stale page is found.

An *identity* is the number that was written last to a page; 0 is zeroes.  `disk` has one for each
page of the file, `memory` one for each frame.  Mappings keep them only if asked to: without, the
pointers are NULL and nothing is touched.
"""

from libc.stdint cimport uint64_t


cdef struct content_t:
    uint64_t* disk
    uint64_t pages  # of the file: what `disk` has room for
    uint64_t* memory


cdef inline uint64_t on_disk(const content_t* content, uint64_t page) noexcept nogil:
    return content.disk[page] if page < content.pages else 0


cdef inline uint64_t part_zeroed(uint64_t identity, uint64_t start, uint64_t end) noexcept nogil:
    """What a page holds once its bytes from `start` to `end` are zeroed: again a number of its own."""
    if identity == 0 or (start == 0 and end == 4096):
        return 0
    return (identity * 1000003 + (start << 13 | end)) | 1
