"""Bodies as they are read: bounded in length, in time, and in the memory of all together."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from enum import StrEnum
from typing import Any

from starlette.requests import ClientDisconnect


class BodyProblem(StrEnum):
    """Why there is no body to look at."""

    TOO_LARGE = "too_large"
    NO_ROOM = "no_room"
    NEVER_CAME = "never_came"


class ReservedBytes:
    """Memory that all bodies together may take, up to a limit; used on the event loop only."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._reserved = 0

    @contextmanager
    def reserve(self) -> Iterator["Reservation"]:
        """Begin one request's share, given back when it is answered and its write has ended."""
        reservation = Reservation(self)
        try:
            yield reservation
        finally:
            reservation.end()

    def take(self, size: int) -> bool:
        """Take `size` bytes more; False, and nothing taken, if that is too much."""
        if self._reserved + size > self._limit:
            return False
        self._reserved += size
        return True

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        self._reserved -= size


class Reservation:
    """What one request has reserved of the common memory."""

    def __init__(self, common: ReservedBytes) -> None:
        self._common = common
        self._size = 0
        self._write: asyncio.Future[Any] | None = None

    def grow(self, size: int) -> bool:
        """Reserve `size` bytes more; False if there is no room."""
        if not self._common.take(size):
            return False
        self._size += size
        return True

    def keep_for(self, write: asyncio.Future[Any]) -> None:
        """Keep it until this write has ended: it has the body, even if its request is answered."""
        self._write = write

    def end(self) -> None:
        """The request is answered."""
        if self._write is None or self._write.done():
            self._common.give_back(self._size)
        else:
            self._write.add_done_callback(lambda _write: self._common.give_back(self._size))


def read_declared_length(content_length: str | None) -> int:
    """The length that the sender declares; 0 if it declares none, or nonsense.

    Only a first look, to refuse without reading: what counts is what arrives.
    """
    if content_length is None or not (content_length.isascii() and content_length.isdigit()):
        return 0
    # More digits than any limit of ours: int() itself refuses thousands of them.
    return int(content_length[-18:]) if len(content_length) <= 18 else 10**18  # noqa: PLR2004


async def read_body(
    chunks: AsyncGenerator[bytes], *, limit: int, reservation: Reservation, within_seconds: float
) -> bytes | BodyProblem:
    """Read the whole body, counting while it arrives."""
    body = bytearray()
    try:
        async with asyncio.timeout(within_seconds), aclosing(chunks):
            async for chunk in chunks:
                if len(body) + len(chunk) > limit:
                    return BodyProblem.TOO_LARGE
                if not reservation.grow(len(chunk)):
                    return BodyProblem.NO_ROOM
                body += chunk
    except (TimeoutError, ClientDisconnect):
        return BodyProblem.NEVER_CAME
    return bytes(body)
