"""A tmpfs that is mounted nowhere, and files without names: a killed process leaves nothing.

fsmount(2) gives a mount that only its descriptor holds, and O_TMPFILE a file that only its own
holds. Without root, a child in a user namespace of its own makes the mount and passes it on.
"""

import ctypes
import os
import socket
import warnings
from pathlib import Path
from typing import NoReturn

from pagecache.errors import InputError

_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # of every architecture
_SET_STRING, _CREATE, _CLOEXEC = 1, 6, 1
_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
HUGE_PAGE = 2 << 20
POOL = Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
_MFD_HUGETLB, _MFD_HUGE_2MB = 4, 21 << 26

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def tmpfs(huge: str, size: int) -> int:
    """A descriptor of a new tmpfs of `size` bytes, with huge pages ``never`` or ``always``."""
    if os.geteuid() == 0:
        return _mount(huge, size)
    here, there = socket.socketpair()
    with here, there:
        child = fork()
        if child == 0:
            _hand_over(there, huge, size)
        there.close()
        said, fds, _, _ = socket.recv_fds(here, 200, 1)
        os.waitpid(child, 0)
    if not fds:
        raise InputError(f"no tmpfs in a user namespace ({said.decode()}); run as root")
    return fds[0]


def fork() -> int:
    """fork(2), for children that make system calls and end."""
    with warnings.catch_warnings():  # threads do not matter: the child makes system calls alone
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _hand_over(parent: socket.socket, huge: str, size: int) -> NoReturn:
    """Mount in a user namespace of this process's own, send the mount to the parent, and end."""
    try:
        user, group = os.getuid(), os.getgid()
        _check(_libc.unshare(_NEW_USER | _NEW_MOUNTS))
        # A file's owner must exist in the namespace of its mount.
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")
        socket.send_fds(parent, [b"."], [_mount(huge, size)])
    except OSError as error:
        parent.send(str(error.strerror).encode())
    finally:
        os._exit(0)


def unnamed_file(mount: int, size: int) -> int:
    """A file of `size` bytes in a mount; it has no name and ends with its descriptor."""
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, dir_fd=mount)
    os.ftruncate(fd, size)
    return fd


def hugetlb_file(size: int) -> int:
    """A file on hugetlbfs, of huge pages of 2 MiB that the pool has free.

    Raises
    ------
    InputError
        The pool has too few, and is unchanged.
    """
    wanted, free = -(-size // HUGE_PAGE), _free_huge_pages()
    if free < wanted:
        raise InputError(
            f"the pool has {free} free huge pages of the {wanted} wanted; root can add them: "
            f"echo {wanted} > {POOL}/nr_hugepages"
        )
    fd = _check(_libc.memfd_create(b"pagecache", _MFD_HUGETLB | _MFD_HUGE_2MB | 1))
    os.ftruncate(fd, size)
    return fd


def _free_huge_pages() -> int:
    try:
        free, reserved = ((POOL / f"{name}_hugepages").read_text() for name in ("free", "resv"))
    except OSError:
        return 0
    return int(free) - int(reserved)


def _mount(huge: str, size: int) -> int:
    return mount_detached("tmpfs", {"huge": huge, "size": str(size)})


def mount_detached(kind: str, options: dict[str, str]) -> int:
    """A descriptor of a mount that nothing else holds; OSError if it is not allowed."""
    context = _check(_libc.syscall(_FSOPEN, kind.encode(), _CLOEXEC))
    try:
        for key, value in options.items():
            _check(_libc.syscall(_FSCONFIG, context, _SET_STRING, key.encode(), value.encode(), 0))
        _check(_libc.syscall(_FSCONFIG, context, _CREATE, None, None, 0))
        return _check(_libc.syscall(_FSMOUNT, context, _CLOEXEC, 0))
    finally:
        os.close(context)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
