"""The invariant of the tree, held against every slot.

walk.pxd states the one rule; in full:

- *Nodes.*  Each knows its array, its parent and the slot that leads to it, lies one level below
  that, and counts the slots that are not NULL.  One that holds nothing was made beforehand.
- *Values.*  `nr_values` is the number of slots that hold a value or a sibling of one, unless the
  node has drifted (store.pxd).
- *Siblings.*  One names an earlier slot that holds an entry, and only siblings of the same lie
  between.  No slot says retry.
- *Marks.*  A slot that leads to a node carries a mark exactly if something in that node does, and
  the array exactly if something in its top node does.  Slots that hold nothing carry none, and
  siblings carry none: but in an array like Linux 5.17, where a split marks siblings and those marks
  outlive their entries, a mark above may have none left below.
- *Free slots.*  Where they are tracked, mark 0 is on what holds nothing and on no entry.
"""

from pagecache.xarray.walk cimport xarray_t


cdef void check_tree(xarray_t* xa) except *
