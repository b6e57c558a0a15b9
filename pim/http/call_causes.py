"""Causes of calls to the PIM: what those are made for that a piece of code makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pim.vocabulary import CallCause

_CAUSE: ContextVar[CallCause | None] = ContextVar("cause of calls", default=None)


@contextmanager
def calls_for(cause: CallCause) -> Iterator[None]:
    """Have the calls made meanwhile, by this task and those it starts, counted as made for this.

    The innermost counts.
    """
    before = _CAUSE.set(cause)
    try:
        yield
    finally:
        _CAUSE.reset(before)


def cause_of_calls() -> CallCause | None:
    """Tell what calls are made for here; None: for what their session is for."""
    return _CAUSE.get()
