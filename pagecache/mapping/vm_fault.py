"""What a page fault answers, in Python: flags that are no errno."""

from enum import Flag


class VmFault(Flag):
    """The answer to a page fault; bits as in Linux 5.17.

    No flag at all is a minor fault that succeeded.  A `Flag` compares equal to no number, so an
    errno cannot be taken for one.

    Examples
    --------
    >>> VmFault.MAJOR in VmFault.ERROR, VmFault.OOM in VmFault.ERROR
    (False, True)
    >>> VmFault.SIGBUS == 2
    False
    """

    OOM = 0x1
    SIGBUS = 0x2
    MAJOR = 0x4
    WRITE = 0x8
    HWPOISON = 0x10
    HWPOISON_LARGE = 0x20
    SIGSEGV = 0x40
    NOPAGE = 0x100
    LOCKED = 0x200
    RETRY = 0x400
    FALLBACK = 0x800
    DONE_COW = 0x1000
    NEEDDSYNC = 0x2000
    ERROR = OOM | SIGBUS | SIGSEGV | HWPOISON | HWPOISON_LARGE | FALLBACK
