"""Which filesystem a file is on, and whether its index counts in pages."""

import ctypes
import os
import platform
import re

from pagecache.errors import InputError

HUGETLBFS, TMPFS, OVERLAYFS = 0x958458F6, 0x01021994, 0x794C7630
_NAMES = {
    0xEF53: "ext4",
    0x58465342: "xfs",
    0x9123683E: "btrfs",
    TMPFS: "tmpfs",
    HUGETLBFS: "hugetlbfs",
    OVERLAYFS: "overlayfs",
    0x62646576: "block device",
    0xF2F52010: "f2fs",
    0xE0F5E1E2: "erofs",
    0x73717368: "squashfs",
    0x6969: "nfs",
    0x65735546: "fuse",
    0x01021997: "9p",
}
_FIRST_IN_PAGES = (6, 7)  # the Linux from which on hugetlbfs counts in pages

_libc = ctypes.CDLL(None, use_errno=True)


def magic_of(fd: int) -> int:
    """The number by which statfs(2) names the filesystem of an open file."""
    answer = (ctypes.c_long * 32)()  # the structure begins with it and is smaller
    if _libc.fstatfs(fd, answer) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(answer[0])


def name_of(magic: int) -> str:
    """Its name, or its number in hexadecimal."""
    return _NAMES.get(magic, f"{magic:#x}")


def check_indexed_in_pages(name: str, magic: int, release: str | None = None) -> None:
    """InputError for a hugetlbfs file of a kernel that indexes those in huge pages."""
    found = re.match(r"(\d+)\.(\d+)", platform.release() if release is None else release)
    if magic == HUGETLBFS and found and tuple(map(int, found.groups())) < _FIRST_IN_PAGES:
        raise InputError(
            f"{name}: before Linux 6.7 the index of a hugetlbfs file counts in huge pages, which "
            "is not decoded; name files of other filesystems"
        )
