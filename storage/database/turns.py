"""Word among processes that somebody waits for a turn to write, or has it, on SQLite.

SQLite has one writer and no queue: whoever waits sleeps and looks again, and a writer that begins
anew at once is always first. So writers say that they want a turn, by a shared lock on an empty
file beside the database; who writes much looks whether anybody has said so, and lets him. The
system takes such a lock back however its process ends.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

ENDING = "-turn"
_TRIES = 3
_BETWEEN_TRIES = 0.0005


class Turns:
    """Who wants a turn to write to one database; safe to use from many threads."""

    def __init__(self, database: Path) -> None:
        self._said = _LockFile(database)
        self._asked = _LockFile(database)
        self._mutex = Lock()
        self._wanting = 0

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Say for the block that a turn is wanted, or taken; what cannot be said costs nothing."""
        with self._mutex:
            self._wanting += 1
            if self._wanting == 1:
                self._say()
        try:
            yield
        finally:
            with self._mutex:
                self._wanting -= 1
                if self._wanting == 0:
                    self._said.unlock()

    def _say(self) -> None:
        for _ in range(_TRIES):  # who asks has the lock for a moment
            if self._said.lock(fcntl.LOCK_SH) is not False:
                return
            time.sleep(_BETWEEN_TRIES)  # noqa: TID251 - a thread, about as long as a system call

    def is_wanted(self) -> bool:
        """Whether anybody, in this process or another, wants a turn now; True if unknown."""
        with self._mutex:
            free = self._asked.lock(fcntl.LOCK_EX)
            if free:
                self._asked.unlock()
        return not free

    def is_wanted_elsewhere(self) -> bool:
        """Whether anybody else wants a turn, as far as can be told while we want none ourselves.

        True if unknown, as where no file can be made.
        """
        return not self._wanting and self.is_wanted()

    def close(self) -> None:
        """Close the files."""
        with self._mutex:
            self._said.close()
            self._asked.close()


class _LockFile:
    """One open description of the file: two of them exclude each other in one process, too."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ENDING)
        self._descriptor: int | None = None

    def lock(self, how: int) -> bool | None:
        """Take the lock at once; False: somebody has it. None: the file cannot be used."""
        try:
            descriptor = self._open()
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True

    def unlock(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _open(self) -> int:
        """The file, opened anew where another one has its name by now."""
        if self._descriptor is not None and self._is_current(self._descriptor):
            return self._descriptor
        self.close()
        # For those who may have the database, as SQLite's own files beside it.
        mode = stat.S_IMODE(self._database.stat().st_mode)
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CREAT, mode)
        return self._descriptor

    def _is_current(self, descriptor: int) -> bool:
        try:
            there = self._path.stat()
        except OSError:
            return False
        return os.path.samestat(there, os.fstat(descriptor))

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
