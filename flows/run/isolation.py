"""Errors that nobody foresaw: they cost the one thing that brings them about, and nothing else.

Odd data, or a defect of ours that one product brings to light, must neither fail a chunk, a page or
a run, nor be charged to its neighbours. What fails together is tried apart; what fails alone is put
off with its own words. Errors that say where they belong (`SyncError`) are passed on as they are.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pim.errors import InvalidAnswer, SyncError

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


def unforeseen(name: str, error: Exception) -> InvalidAnswer:
    """What is told of a thing that failed alone, with an error that nobody foresaw."""
    text = " ".join(str(error).split())
    return InvalidAnswer(f"{name} fails in a way nobody foresaw: {type(error).__name__}: {text}")


async def each_apart(
    things: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[R]],
    fail: Callable[[T, InvalidAnswer], Awaitable[R]],
    *,
    name: Callable[[T], str] = str,
) -> list[R]:
    """Work on things together; where that fails in a way nobody foresaw, on halves, down to one.

    `work` may be repeated on what an earlier try has done in part. `fail` is told of a thing that
    fails alone.

    Raises:
        SyncError: of `work`: it knows what it is about.
    """
    if not things:
        return []
    try:
        return [await work(things)]
    except SyncError:
        raise
    except Exception as error:
        log.exception("%d things failed together, each is tried apart", len(things))
        if len(things) == 1:
            return [await fail(things[0], unforeseen(name(things[0]), error))]
    middle = len(things) // 2
    first = await each_apart(things[:middle], work, fail, name=name)
    return first + await each_apart(things[middle:], work, fail, name=name)
