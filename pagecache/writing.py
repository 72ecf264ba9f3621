"""Files that are written whole or not at all, and of which a process that is killed leaves nothing.

A file gets its name when it is complete.  Until then it is an ``O_TMPFILE`` without a name, which
the kernel frees with its last descriptor.  Where the filesystem lacks those (NFS, FUSE, overlays
of old kernels), it lies beside its place as ``.pagecache.*``, and ``kill -9`` leaves it there.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pagecache.errors import InputError

PREFIX = ".pagecache."
DESCRIPTORS = "/proc/self/fd"
# What open(2) answers where there are no files without names; EISDIR: before Linux 3.11.
NO_UNNAMED = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT}


def write_text(text: str, path: str | Path, option: str = "--json") -> None:
    """Write a file whole, or not at all; InputError names `option` if that cannot be."""
    write_bytes(text.encode(), path, option)


def write_bytes(content: bytes, path: str | Path, option: str) -> None:
    """The same of what is not text."""
    check_writable(path, option)
    try:
        with replacing(Path(os.path.realpath(path))) as unfinished:  # a link stays a link
            Path(unfinished).write_bytes(content)
    except OSError as error:
        raise _unwritable(option, path, error) from None


@contextmanager
def replacing(path: Path) -> Iterator[str]:
    """The name of a file that takes the place of `path` once the block ends without error.

    By that name other processes can open it too, while this one lives.
    """
    handle, hidden = _new_file(path.parent)
    try:
        yield hidden or f"/proc/{os.getpid()}/fd/{handle}"
        os.fchmod(handle, 0o666 & ~_umask())
        if hidden is None:
            _link(handle, path)
        else:
            os.replace(hidden, path)
    except BaseException:
        if hidden is not None:
            os.unlink(hidden)
        raise
    finally:
        os.close(handle)


def check_writable(path: str | Path, option: str = "--json") -> None:
    """InputError unless a file can be written there; nothing is left behind."""
    real = Path(os.path.realpath(path))
    if real.is_dir():
        raise InputError(f"{option}: {path} is a directory; name a file")
    if real.exists() and not real.is_file():  # a rename would put a file in a device's place
        raise InputError(f"{option}: {path} is no regular file; name another place")
    if _is_standard_output(real):
        raise InputError(f"{option}: {path} is where the table goes; name another file")
    try:
        handle, hidden = _new_file(real.parent)
    except OSError as error:
        raise _unwritable(option, path, error) from None
    os.close(handle)
    if hidden is not None:
        os.unlink(hidden)


def _is_standard_output(path: Path) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(1))
    except OSError:  # one of them is not there
        return False


def _new_file(folder: Path) -> tuple[int, str | None]:
    """A new file in a folder: its descriptor, and its name where it must have one."""
    if os.path.isdir(DESCRIPTORS):  # which link(2) needs
        try:
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600), None
        except OSError as error:
            if error.errno not in NO_UNNAMED:
                raise
    return tempfile.mkstemp(prefix=PREFIX, dir=folder)


def _link(handle: int, path: Path) -> None:
    """Give a file without a name that of `path`.

    link(2) replaces nothing: where the name is taken, the file has a hidden one for a moment.
    """
    source = f"{DESCRIPTORS}/{handle}"
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            os.link(source, path.name, dst_dir_fd=folder)  # without a folder links are not followed
        except FileExistsError:
            hidden = f"{PREFIX}{os.urandom(8).hex()}"
            os.link(source, hidden, dst_dir_fd=folder)
            try:
                os.replace(hidden, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                os.unlink(hidden, dir_fd=folder)
                raise
    finally:
        os.close(folder)


def _unwritable(option: str, path: str | Path, error: OSError) -> InputError:
    return InputError(f"{option}: {path} cannot be written ({error.strerror}); name another place")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
