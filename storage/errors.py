# ruff: noqa: N818 - the names say what is the case; all descend from SyncError
"""Errors of the store, cut by what the caller can do.

::

    SyncError
    └── StoreError
        ├── StoreMissing       no database there: run `akeneo-sync migrate`
        ├── StoreBehind        schema older than the code: run `akeneo-sync migrate`
        ├── StoreAhead         schema newer than the code: update the code
        ├── StoreUnreachable   no answer from the server, or no database file    retryable
        │   └── StoreDamaged   what is there is damaged, or no database
        ├── StoreNotWritable   locked past the timeout, read-only, disk full     retryable
        ├── StoreRace          another transaction was faster: `Store.run` tries again  retryable
        ├── UnknownCode        a reader's filter names what is not mirrored
        ├── FeedLost           a reader's position in the feed is gone: begin with an export
        └── FenceLost          another drain or run has taken over: stop writing
            └── KeysMoved      products are called otherwise since the run began: the next goes on

Every message is one line, fit for an operator.
"""

from typing import ClassVar

from pim.errors import SyncError


class StoreError(SyncError):
    """The store could not do it; the message says why in one line.

    `cure`: what a person can do about it, where the message does not say so itself.
    """

    retryable: ClassVar[bool] = False
    cure: ClassVar[str | None] = None

    @property
    def advice(self) -> str:
        """The message and its cure: what a command ends with."""
        return f"{self}; {self.cure}" if self.cure else str(self)


class StoreMissing(StoreError):
    """There is no database at the address."""


class StoreBehind(StoreError):
    """The database's schema is older than this code."""


class StoreAhead(StoreError):
    """The database's schema is newer than this code."""


class StoreUnreachable(StoreError):
    """The database does not answer."""

    retryable = True
    cure = "check SYNC_DATABASE_URL, and that the database is up"


class StoreDamaged(StoreUnreachable):
    """What is there is damaged, or no database."""

    retryable = False
    cure = (
        "restore it from a backup, or move it away and run `akeneo-sync migrate` and"
        " `akeneo-sync reconcile --full`: the PIM holds every product"
    )


class StoreNotWritable(StoreError):
    """The database answers, but takes no writes in time."""

    retryable = True
    cure = "check the database's disk and rights, and who else writes to it"


class StoreRace(StoreError):
    """Another transaction was faster than this one, which changed nothing."""

    retryable = True


class UnknownCode(StoreError):
    """A filter names something that is not mirrored; the message says what was perhaps meant.

    `kind` is what it should be: channel, locale, family, category or attribute.
    """

    def __init__(self, kind: str, code: str, meant: str) -> None:
        super().__init__(f"there is no {kind} {code!r}; {meant}")
        self.kind = kind
        self.code = code


class FeedLost(StoreError):
    """Changes after a reader's position are not there any more, or the position never was."""

    cure = "begin with an export (`akeneo-sync export --position`), and go on from its position"


class FenceLost(StoreError):
    """The writer's generation or lease is no longer the living one: nothing was written."""


class KeysMoved(FenceLost):
    """Products are keyed otherwise than when the writer's run began: nothing was written."""
