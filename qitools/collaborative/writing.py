"""A file replaced by a newer one, whole or not at all.

The new bytes are written beside the old file, on the same disk, checked, and put in its place in one step, with its
owner, mode and extended attributes. Whatever goes wrong on the way, the old file stands as it was. One writer at a time
holds the lock (``.NAME.lock`` in the same folder, a file that stays).
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from qitools.errors import Problem, QitoolsError

PATIENCE = 20.0  # seconds to wait for another writer, who needs one or two
_ADVICE = {
    errno.ENOSPC: ("a full disk", "make room, then save again"),
    errno.EDQUOT: ("a full disk quota", "make room, then save again"),
    errno.EFBIG: ("a file size limit", "ask who runs this machine to raise it, then save again"),
    errno.EROFS: ("a disk that is read-only", "save in a copy of the project on another disk"),
    errno.EACCES: ("no permission to write", "ask the owner of the folder for permission, then save again"),
    errno.EPERM: ("no permission to write", "ask the owner of the folder for permission, then save again"),
    errno.ENOENT: ("nothing there any more", "put it back, or look where it was moved to, then open it again"),
}


class SavingError(QitoolsError):
    """Something could not be written; the file is as it was, or gone."""


class ChangedMeanwhile(SavingError):
    """The file is no longer the one that was read; the message shows both versions."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the one right to replace a file.

    Raises:
        SavingError: another process keeps it, or the folder may not be written.
    """
    target = path.resolve()  # however it is reached
    lock = FileLock(target.parent / f".{target.name}.lock", timeout=PATIENCE, mode=0o666)
    try:
        lock.acquire()
    except Timeout:
        problem = Problem(path.name, found="someone else saving", expected="the file free", hint="save again")
        raise SavingError(_kept(path), [problem]) from None
    except OSError as error:
        raise refusal(path, error) from None
    try:
        yield
    finally:
        lock.release()


def replace(path: Path, raw: bytes, check: Callable[[Path], object] = lambda written: None) -> None:
    """Put these bytes in a file's place.

    Args:
        path: the file, which exists; where it is a link, what it leads to is replaced.
        raw: the new bytes.
        check: called with the new file, which bears the same name, before it counts; it raises to refuse.

    Raises:
        SavingError: the file is protected, or the disk full, read-only or closed to us; the file is as it was.
    """
    target, folder = path.resolve(), None
    try:
        if not target.stat().st_mode & 0o222 or not os.access(target, os.W_OK):
            raise _protected(path)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=target.parent))
        written = folder / path.name
        _write(written, raw)
        check(written)
        _alike(target, written)
        written.replace(target)
        _settle(target.parent)
    except OSError as error:
        raise refusal(path, error) from None
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def refusal(path: Path, error: OSError) -> SavingError:
    """What the system said, in words, with what to do."""
    found, hint = _ADVICE.get(error.errno or 0, (error.strerror or str(error), "mend that, then save again"))
    problem = Problem(path.name, found=found, expected="a file that may be written", hint=hint)
    gone = error.errno == errno.ENOENT and not path.exists()
    return SavingError(f"{path.name} is gone: nothing was written" if gone else _kept(path), [problem])


def _kept(path: Path) -> str:
    return f"{path.name} was not written, and is as it was"


def _protected(path: Path) -> SavingError:
    hint = "whoever protected it decides: ask them, or take the protection off, then save again"
    return SavingError(
        _kept(path), [Problem(path.name, found="a read-only file", expected="one that may be written", hint=hint)]
    )


def _write(path: Path, raw: bytes) -> None:
    with path.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _alike(old: Path, new: Path) -> None:
    """Mode, extended attributes, and the owner and group as far as the system lets us."""
    whose = old.stat()
    for owner, group in ((whose.st_uid, whose.st_gid), (-1, whose.st_gid)):
        with suppress(OSError, AttributeError):  # to give a file away takes more rights than to write it
            os.chown(new, owner, group)
            break
    shutil.copystat(old, new)
    os.utime(new)


def _settle(folder: Path) -> None:
    """Have the folder's own entry reach the disk, where folders can be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
