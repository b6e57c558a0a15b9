"""Lock on a folder: one `up` at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class RunsAlready(Exception):  # noqa: N818 - named like the fact
    """Another `up` holds the folder; the message is one line."""


class FolderUnusable(Exception):  # noqa: N818 - named like the fact
    """The folder cannot be made, or not be written to; the message is one line."""


@contextmanager
def single_instance(file: Path) -> Iterator[None]:
    """Hold the lock on `file` for the block. The system frees it however the process ends.

    Raises:
        RunsAlready: another process holds it.
        FolderUnusable: its folder cannot be written to.
    """
    with _open(file) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            pid = lock.read().strip()
            raise RunsAlready(
                f"akeneo-sync up runs already (pid {pid or 'unknown'}); stop it first, with "
                "Ctrl-C where it runs or with `kill`"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def _open(file: Path) -> TextIO:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("a+", encoding="ascii")
    except OSError as error:
        raise FolderUnusable(
            f"cannot write to {file.parent}: {error.strerror}; make it writable, or set "
            "PREFECT_HOME to another folder"
        ) from error
