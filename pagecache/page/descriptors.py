"""Bytes that describe memory: a struct page for each page, and what would stand in its place.

Two ways to less are counted. The *vmemmap optimisation* keeps, of the struct pages of a hugetlb
page, the one page that its head lies in. *Memory descriptors* (Wilcox, 2022) leave a word for each
page, and what uses the memory allocates one descriptor for all pages of it.
"""

PAGE_SIZE = 4096
STRUCT_PAGE_BYTES = 64  # bytes
WORD = 8  # bytes for each page beside its descriptor: the descriptor's address, and its kind
SLAB_DESCRIPTOR = 64  # bytes of a slab's descriptor in the example of 2022: what a struct page took


def vmemmap_pages(order: int) -> int:
    """Pages that the struct pages of a block lie in.

    Examples
    --------
    >>> vmemmap_pages(9), vmemmap_pages(18), vmemmap_pages(0)
    (8, 4096, 1)
    """
    return -(-(STRUCT_PAGE_BYTES << order) // PAGE_SIZE)


def optimised_bytes(pages: int, order: int) -> int:
    """Bytes of the struct pages of huge pages of `order`, `pages` in all, with the optimisation.

    Examples
    --------
    >>> optimised_bytes(1 << 19, 9) >> 20, (64 << 19) >> 20  # MiB, of 2 GiB in pages of 2 MiB
    (4, 32)
    """
    return (pages >> order) * PAGE_SIZE


def descriptor_bytes(blocks: int, pages_each: int, descriptor: int = SLAB_DESCRIPTOR) -> int:
    """Bytes of as many memory descriptors, and of the words of their pages.

    Examples
    --------
    >>> descriptor_bytes(1, 4), 4 * STRUCT_PAGE_BYTES
    (96, 256)
    """
    return blocks * (pages_each * WORD + descriptor)
