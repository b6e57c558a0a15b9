# ruff: noqa: N818 -- a name says what is the case; the base class says that it is an error
"""What can go wrong with the store, cut by what the caller can do.

::

    StoreError
     ├─ StoreMissing       no database there: run `akeneo-sync migrate`
     ├─ StoreBehind        schema older than the code: run `akeneo-sync migrate`
     ├─ StoreAhead         schema newer than the code: update the code
     ├─ StoreUnreachable   no answer from the server, or no database file (retryable)
     ├─ StoreNotWritable   locked past the timeout, read-only, disk full (retryable)
     ├─ StoreRace          another transaction was faster; `Store.run` tries once more (retryable)
     └─ FenceLost          another drain or run has taken over: stop writing

Every message is one line, fit for an operator.
"""

from typing import ClassVar


class StoreError(Exception):
    """The store could not do it; the message says why in one line."""

    retryable: ClassVar[bool] = False


class StoreMissing(StoreError):
    """There is no database at the address."""


class StoreBehind(StoreError):
    """The database's schema is older than this code."""


class StoreAhead(StoreError):
    """The database's schema is newer than this code."""


class StoreUnreachable(StoreError):
    """The database does not answer."""

    retryable: ClassVar[bool] = True


class StoreNotWritable(StoreError):
    """The database answers, but takes no writes in time."""

    retryable: ClassVar[bool] = True


class StoreRace(StoreError):
    """Another transaction was faster than this one, which changed nothing."""

    retryable: ClassVar[bool] = True


class FenceLost(StoreError):
    """The writer's generation or lease is no longer the living one: nothing was written."""
