"""Pages read ahead: the next is on its way while one is worked on, and no order is lost by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from flows.sweeps.sweep import read_ahead
from pim.errors import SourceUnreachable

pytestmark = pytest.mark.anyio


class Listing:
    """A list of pages; the one numbered `fails` cannot be read, `stuck` never ends."""

    def __init__(self, count: int, *, fails: int | None = None, stuck: int | None = None) -> None:
        """Nothing is asked for yet."""
        self.count = count
        self.fails = fails
        self.stuck = stuck
        self.asked: list[int] = []
        self.left: list[int] = []

    async def pages(self) -> AsyncIterator[int]:
        """The pages, by their numbers."""
        for number in range(self.count):
            self.asked.append(number)
            try:
                await asyncio.sleep(0)
                if number == self.stuck:
                    await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.left.append(number)
                raise
            if number == self.fails:
                raise SourceUnreachable("the source is away")
            yield number


async def test_all_pages_come_in_order() -> None:
    listing = Listing(5)
    assert [page async for page in read_ahead(listing.pages())] == [*range(5)]


async def test_a_list_without_pages_has_none() -> None:
    assert [page async for page in read_ahead(Listing(0).pages())] == []


async def test_the_next_page_is_asked_for_while_one_is_worked_on_and_no_further_one() -> None:
    listing = Listing(5)
    async with aclosing(read_ahead(listing.pages())) as coming:
        assert await anext(coming) == 0
        for _ in range(20):  # the work on it
            await asyncio.sleep(0)
        assert listing.asked == [0, 1]


async def work(listing: Listing, seen: list[int], *, fails: int | None = None) -> None:
    """Work on each page; the work on one may fail."""
    async with aclosing(read_ahead(listing.pages())) as coming:
        async for page in coming:
            await asyncio.sleep(0)
            if page == fails:
                raise ValueError("the work on it")
            seen.append(page)


async def test_an_error_comes_after_the_pages_before_it() -> None:
    seen: list[int] = []
    with pytest.raises(SourceUnreachable):
        await work(Listing(5, fails=2), seen)
    assert seen == [0, 1]


async def test_what_is_being_read_is_left_where_the_work_on_a_page_fails() -> None:
    listing = Listing(5, stuck=1)
    with pytest.raises(ValueError, match="work"):
        await work(listing, [], fails=0)
    assert (listing.asked, listing.left) == ([0, 1], [1])
