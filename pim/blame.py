"""Blame for a failed call: one thing's, its list's, its kind of request's, or the source's.

A 500, a time-out, a refusal or an unreadable answer can be any of them, and nothing in it tells
which. What tells is what the source does with a question that has no data of its own to stumble
over: a thing that nobody has, or a list that every PIM has. Nobody else in this project judges an
error by its kind alone.
"""

from collections.abc import Mapping
from typing import Protocol

from pim.errors import (
    ForeignLink,
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceHungUp,
    SourceNotFound,
    SourceRefusesAll,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SourceUnexpectedNotFound,
)
from pim.search import Query

NOBODY = "6e6f626f-6479-4000-8000-000000000000"
"""No product's key and no model's code: asking for it asks for everything but a thing's data."""


class Asks(Protocol):
    """Whoever makes the calls."""

    async def get(self, path: str, query: Query) -> object:
        """Ask once; raises SourceError."""
        ...


SKIPS = 20
"""So many times a refused kind of request is done without; then it is tried once more."""


def may_be_of_one(error: SourceError) -> bool:
    """Whether it may be caused by the data of the one thing, page or list that was asked for.

    What is asked next must tell whether the source works. Not so: no network, no login, a request
    to wait, another host; and Akeneo's own 404, which is an answer.
    """
    return isinstance(
        error,
        SourceServerError
        | SourceHungUp
        | SourceTimeout
        | InvalidAnswer
        | SourceUnexpectedNotFound
        | SourceForbidden
        | SourceRequestRefused,
    ) and not isinstance(error, ForeignLink)


def concerns_one_list(error: SourceError) -> bool:
    """Whether the other lists, and the products, may still be read: this one keeps its state."""
    return may_be_of_one(error) or isinstance(error, SourceNotFound)


def is_of_a_route(error: SourceNotFound) -> bool:
    """Whether Akeneo says that it has no such route, rather than no such thing."""
    return "no route found" in error.excerpt.casefold()


def blame_source(error: SourceError) -> SourceError:
    """The error to raise where whatever is asked fails as this did: a refusal is the source's then.

    The others say so already.
    """
    if not isinstance(error, SourceRequestRefused):
        return error
    return SourceRefusesAll(
        f"whatever is asked is refused: {error.message}",
        method=error.method,
        path=error.path,
        status=error.status,
        excerpt=error.excerpt,
        retry_after=error.retry_after,
    )


async def why_not_read(caller: Asks, path: str, query: Query) -> SourceError | None:
    """Ask for what nobody has: None if the source, at this moment, reads such things by URL."""
    try:
        await caller.get(path, query)
    except SourceNotFound as error:
        return error if is_of_a_route(error) else None
    except SourceError as error:
        return error
    return None


class RefusedKinds:
    """The kinds of requests that a session found refused, by name, and did without.

    Another way leads to the same truth, at a price: see who asks `is_refused`.
    """

    def __init__(self) -> None:
        self._refused: dict[str, SourceError] = {}
        self._skipped: dict[str, int] = {}
        self._answered: set[str] = set()

    @property
    def refused(self) -> Mapping[str, SourceError]:
        """What was refused last, and how."""
        return self._refused

    @property
    def answered(self) -> frozenset[str]:
        """What was answered, and not refused since."""
        return frozenset(self._answered)

    def is_refused(self, kind: str) -> bool:
        """Whether to do without it now; each twentieth time it is worth another try."""
        if kind not in self._refused:
            return False
        self._skipped[kind] = self._skipped.get(kind, 0) + 1
        return self._skipped[kind] % SKIPS != 0

    def note_refused(self, kind: str, error: SourceError) -> None:
        """It was refused although the source works."""
        self._answered.discard(kind)
        self._refused[kind] = error

    def note_answered(self, kind: str) -> None:
        """It was answered."""
        self._refused.pop(kind, None)
        self._answered.add(kind)
