"""What walks do when they meet a node that was freed or split: out of line, as it is rare."""


cdef entry_t xas_walk_again(xa_state* xas, unsigned int level) noexcept nogil:
    """From the head, until no writer is in the way."""
    cdef entry_t entry = RETRY_ENTRY
    while entry == RETRY_ENTRY:
        xas.node = <xa_node*>XAS_RESTART
        entry = xas_walk_once(xas, level)
    return entry


cdef entry_t xas_walk_called(xa_state* xas, unsigned int level) noexcept nogil:
    """`xas_walk` out of line, for functions whose usual way does not need it."""
    return xas_walk(xas, level)
