"""A table of indexes, and the checks that precede a loop over it."""

from libc.stdlib cimport calloc, free

from pagecache.designs.contract cimport TRUNCATE, PageIndex

cdef enum:
    VERBS = TRUNCATE + 1


cdef class Indexes:
    """The indexes of one or many files.

    Parameters
    ----------
    indexes : sequence of PageIndex
        One a file; arrays name them by their position.
    """

    def __cinit__(self, indexes, **options):
        cdef Py_ssize_t k
        self.indexes = list(indexes)
        self.files = len(self.indexes)
        self.table = <void**>calloc(max(self.files, 1), sizeof(void*))
        self.calls = <pair_t*>calloc(max(self.files, 1) * VERBS, sizeof(pair_t))
        if self.table is NULL or self.calls is NULL:
            raise MemoryError("no room for the table of indexes")
        for k, index in enumerate(self.indexes):
            if not isinstance(index, PageIndex):
                raise TypeError(f"index {k} is a {type(index).__name__}, not a PageIndex")
            self.table[k] = <void*>index
        self.backed = all(index.backed for index in self.indexes)

    def __dealloc__(self):
        free(self.table)
        free(self.calls)

    cdef const pair_t* pairs(self, verb_t verb) noexcept nogil:
        """The function and self of a verb for each file, as its index has them now."""
        cdef pair_t* calls = self.calls + verb * self.files
        cdef uint32_t k
        for k in range(self.files):
            calls[k] = (<PageIndex>self.table[k]).pair(verb)
        return calls

    cdef uint64_t checked(self, const uint32_t[::1] file, const uint64_t[::1] index,
                          bint touching=True) except? 0:
        """The number of events, once it is sure that all they touch is there."""
        cdef Py_ssize_t k
        if touching:
            self.check_backed()
        if file.shape[0] != index.shape[0]:
            raise ValueError(f"{file.shape[0]} files and {index.shape[0]} indices do not go together")
        for k in range(file.shape[0]):
            if file[k] >= self.files:
                raise IndexError(f"event {k} is on file {file[k]}, and there are {self.files}")
        return file.shape[0]

    cdef int check_backed(self) except -1:
        if not self.backed:
            raise ValueError("these struct pages are not backed by memory: only walks can be run")
        return 0
