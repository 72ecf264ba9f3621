"""The Python face of the page hash."""

from libc.errno cimport EEXIST, EINVAL, ENOMEM
from libc.stdint cimport uintptr_t

from pagecache.structures.convert cimport failed_as, order_of, to_index, to_number
from pagecache.structures.page_hash.table cimport (
    LINK_BYTES,
    bucket_at,
    bucket_of,
    hash_add_to,
    hash_any,
    hash_find,
    hash_table,
    hash_take,
)
from pagecache.structures.pool cimport pool_alloc, pool_free

cdef uint64_t MOST = ~<uint64_t>0


cdef class PageHash:
    """The page hash of Linux 2.4: (mapping, index) to a value, chained through the records.

    Parameters
    ----------
    pages : int
        Pages of memory: a bucket for each, rounded up to a power of two, at least 512.
    pool : Pool, optional
        Where records come from, 64 bytes each; its own pool if none is given.

    Notes
    -----
    With order 0 alone it is keyed by page, as in 2.4; with larger orders by folio.

    Examples
    --------
    >>> from pagecache.structures.page_hash.page_hash import PageHash
    >>> table = PageHash(1 << 14)
    >>> table.insert(0x1000, 512, 7, order=9)
    >>> table.lookup(0x1000, 700), table.lookup(0x2000, 700)
    (7, None)
    """

    def __cinit__(self, uint64_t pages=1 << 14, *, Pool pool=None):
        self.table = HashTable(max(pages, 1))
        self.pool = Pool(sizeof(hash_record)) if pool is None else pool
        if self.pool.pool.node_size != sizeof(hash_record) or self.pool.pool.link:
            raise ValueError(f"the pool gives other records; make it with Pool({sizeof(hash_record)})")

    def __dealloc__(self):
        if self.pool is not None and self.table is not None and self.table.table.buckets is not NULL:
            empty(self)

    cdef int put(self, void* mapping, uint64_t index, uint64_t value, unsigned int order) noexcept nogil:
        cdef hash_record* record
        cdef hash_table* table = &self.table.table
        cdef hashed_t** bucket = bucket_at(table, mapping, index)
        if hash_any(table, mapping, index, order, record_order):
            return -EEXIST
        record = <hash_record*>pool_alloc(&self.pool.pool)
        if record is NULL:
            return -ENOMEM
        record.value, record.order = value, order
        hash_add_to(table, bucket, &record.hashed, mapping, index, order)
        return 0

    cdef hash_record* drop(self, void* mapping, uint64_t index) noexcept nogil:
        """Take out what covers `index` and give its record back; it can be read until the next."""
        cdef hashed_t* entry = hash_find(&self.table.table, mapping, index, record_order)
        cdef hash_record* record
        if entry is NULL:
            return NULL
        record = record_of(entry)
        hash_take(&self.table.table, entry, <unsigned int>record.order)
        return record

    def lookup(self, mapping, index):
        """The value at `index` of a mapping, or None.  O(orders x chain)."""
        cdef hashed_t* entry = hash_find(
            &self.table.table, <void*><uintptr_t>to_index(mapping), to_index(index), record_order)
        return None if entry is NULL else record_of(entry).value

    def insert(self, mapping, index, value, order=0):
        """Store a value under ``2**order`` indices of a mapping where nothing is.

        Raises EntryExists if anything is there, MemoryError if the pool cannot grow (the table is
        as before), ValueError for an index that is no multiple of ``2**order``.
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int each = order_of(order)
        if at & ((<uint64_t>1 << each) - 1):
            failed_as(-EINVAL, f"index {at} is no multiple of 2**{each}")
        failed_as(self.put(<void*><uintptr_t>to_index(mapping), at, to_number(value, MOST), each),
                  f"index {at}")

    def delete(self, mapping, index):
        """Remove the whole entry that covers `index`; its value or None.  O(orders x chain)."""
        cdef hash_record* record = self.drop(<void*><uintptr_t>to_index(mapping), to_index(index))
        if record is NULL:
            return None
        value = record.value
        pool_free(&self.pool.pool, record)
        return value

    def destroy(self):
        """Remove everything.  O(buckets + entries)."""
        empty(self)

    @property
    def entries(self):
        """Entries in the table."""
        return self.table.table.entries

    @property
    def node_bytes(self):
        """Bytes of the buckets, and of 16 of links an entry: there are no nodes."""
        return self.table.size + self.table.table.entries * LINK_BYTES

    def chains(self):
        """The length of each bucket's chain.  O(buckets + entries)."""
        return [len(chain_of(self, bucket)) for bucket in range(self.table.buckets)]

    def __iter__(self):
        """(mapping, index, order, value) of each entry, chain by chain: in no order of indices."""
        for bucket in range(self.table.buckets):
            yield from chain_of(self, bucket)

    def dump(self):
        """The chains that hold something, one a line."""
        return "\n".join(f"{bucket}: {chain}" for bucket in range(self.table.buckets)
                         if (chain := chain_of(self, bucket)))

    def check(self):
        """Raise AssertionError, with the dump, if the table breaks a rule.  O(buckets + entries)."""
        violation = table_violation(self)
        if violation:
            raise AssertionError(f"{violation}\n{self.dump()}")


cdef void empty(PageHash self) noexcept:
    cdef uint64_t bucket
    cdef hashed_t* entry
    for bucket in range(<uint64_t>1 << self.table.table.bits):
        while self.table.table.buckets[bucket] is not NULL:
            entry = self.table.table.buckets[bucket]
            hash_take(&self.table.table, entry, record_order(entry))
            pool_free(&self.pool.pool, record_of(entry))


cdef list chain_of(PageHash self, uint64_t bucket):
    cdef hashed_t* entry = self.table.table.buckets[bucket]
    found = []
    while entry is not NULL:
        found.append((<uintptr_t>entry.mapping, entry.index, record_order(entry), record_of(entry).value))
        entry = entry.next
    return found


cdef str table_violation(PageHash self):
    """What is wrong; None if nothing is."""
    cdef uint64_t bucket
    covered, orders, entries = {}, [0] * 64, 0
    for bucket in range(<uint64_t>1 << self.table.table.bits):
        violation = chain_violation(self, bucket)
        if violation:
            return violation
        for mapping, index, order, _ in chain_of(self, bucket):
            covered.setdefault(mapping, []).append((index, order))
            orders[order] += 1
            entries += 1
    if entries != self.table.table.entries or orders != list(self.table.table.of_order):
        return f"{entries} entries in chains, {self.table.table.entries} counted"
    if self.table.table.orders != sum(1 << order for order in range(64) if orders[order]):
        return "the orders in the table are not those of its entries"
    return overlap(covered)


cdef str chain_violation(PageHash self, uint64_t bucket):
    cdef hashed_t** at = &self.table.table.buckets[bucket]
    while at[0] is not NULL:
        if bucket_of(&self.table.table, at[0].mapping, at[0].index) != bucket:
            return f"index {at[0].index} lies in the chain of another key"
        if at[0].pprev != at:
            return f"index {at[0].index} does not know the pointer that leads to it"
        at = &at[0].next
    return None


def overlap(covered):
    """Two entries of one mapping that cover an index, as a sentence; None if there are none."""
    for mapping, entries in covered.items():
        end = 0
        for index, order in sorted(entries):
            if index < end or index & ((1 << order) - 1):
                return f"index {index} of mapping {mapping:#x} is covered twice or out of line"
            end = index + (1 << order)
    return None
