"""The class of pointer entries."""

from operator import index as as_integer


cdef class Pointer:
    """A pointer entry: an address aligned to 4 bytes, kept as it is.

    Parameters
    ----------
    address : int
        From 4 to 2**64 - 4, a multiple of 4.

    Attributes
    ----------
    address : int

    Raises
    ------
    OverflowError
        The address is not from 0 to 2**64 - 1.
    ValueError
        It is 0, or not aligned.

    Examples
    --------
    >>> import pagecache as pc
    >>> pc.Pointer(0x1000)
    Pointer(0x1000)
    """

    def __init__(self, address):
        if not 0 <= as_integer(address) < 2**64:
            raise OverflowError(f"{address} is not from 0 to 2**64 - 1")
        if address & 3 or address == 0:
            raise ValueError(f"pointer {address:#x} must be above 0 and aligned to 4 bytes")
        self.address = address

    def __eq__(self, other):
        return isinstance(other, Pointer) and (<Pointer>other).address == self.address

    def __hash__(self):
        return hash((Pointer, self.address))

    def __repr__(self):
        return f"Pointer({self.address:#x})"
