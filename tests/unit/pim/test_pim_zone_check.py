"""Which zone the `updated` filter reads, asked of a PIM whose index and whose prints are odd."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from pim.json_types import JsonObject
from pim.printed_time import Printing
from pim.reading.zone_check import ZoneFinding
from tests.unit.pim.fake_pim import NOW, FakePim, client_of, page, product, uuid

pytestmark = pytest.mark.anyio

NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
RIGHT = ZoneFinding(misses=False, overreaches=False)


@dataclass
class Index:
    """A listing with so many `ghosts` before its items, and a filter by local times of `zone`.

    `stale`: what the index has in place of when a product was saved last; None: it lacks it.
    """

    zone: str = "UTC"
    misprints: bool = False
    ghosts: int = 0
    stale: dict[int, datetime | None] = field(default_factory=dict)
    saved: dict[int, datetime] = field(
        default_factory=lambda: {n: NOW - timedelta(days=1, hours=n) for n in range(6)}
    )

    def answer(self, request: httpx.Request) -> httpx.Response:
        search = json.loads(request.url.params.get("search", "{}"))
        named = search.get("uuid", [{"value": [uuid(n) for n in self.saved]}])[0]["value"]
        shown = [
            self._shown(n)
            for n in self.saved
            if uuid(n) in named
            and (not search or self.stale.get(n, self.saved[n]) is not None)
            and self._matches(n, search.get("updated", []))
        ]
        # Entries of what is gone take places on the page, and are left out of the answer.
        return page(shown[: max(0, int(request.url.params["limit"]) - self.ghosts)])

    def _shown(self, number: int) -> JsonObject:
        at = self.saved[number]
        printed = at.replace(tzinfo=ZoneInfo(self.zone)) if self.misprints else at
        return product(uuid(number), updated=printed.isoformat())

    def _matches(self, number: int, criteria: Sequence[Mapping[str, str]]) -> bool:
        at = self.stale.get(number, self.saved[number])
        limits = [datetime.fromisoformat(each["value"]) for each in criteria]
        return all(
            at is not None and at > limit.replace(tzinfo=ZoneInfo(self.zone)) for limit in limits
        )


async def ask(index: Index, zone: str) -> ZoneFinding | None:
    pim = FakePim()
    pim.serve("products-uuid", index.answer)
    async with client_of(pim) as client:
        return await (await client.zone_check()).ask(ZoneInfo(zone))


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK, KOLKATA])
async def test_entries_of_what_is_gone_make_a_good_zone_no_bad_one(zone: str) -> None:
    assert await ask(Index(zone, ghosts=1), zone) == RIGHT


async def test_products_that_the_index_lacks_or_knows_an_old_save_of_are_passed_over() -> None:
    stale: dict[int, datetime | None] = {0: None, 1: NOW - timedelta(days=90), 2: None}
    assert await ask(Index(stale=stale), "UTC") == RIGHT


async def test_a_zone_that_no_product_confirms_is_wrong() -> None:
    finding = await ask(Index(NEW_YORK, stale={0: None}), "UTC")
    assert finding == ZoneFinding(misses=True, overreaches=False, offset=timedelta(hours=-5))


@pytest.mark.parametrize(
    "zone", [NEW_YORK, "Europe/Paris", KOLKATA, "Australia/Lord_Howe", "Asia/Kathmandu"]
)
async def test_misprinted_times_make_a_good_zone_no_bad_one(zone: str) -> None:
    finding = await ask(Index(zone, misprints=True), zone)
    assert finding == ZoneFinding(misses=False, overreaches=False, printing=Printing.UTC_DIGITS)


@pytest.mark.parametrize(
    ("theirs", "ours", "misses", "offset"),
    [
        (NEW_YORK, "UTC", True, timedelta(hours=-5)),
        (KOLKATA, "UTC", False, timedelta(hours=5, minutes=30)),
        (KOLKATA, "Pacific/Noumea", True, timedelta(hours=5, minutes=30)),
        (NEW_YORK, "Pacific/Honolulu", False, timedelta(hours=-5)),
    ],
)
async def test_of_a_wrong_zone_the_printed_offset_tells_the_right_one(
    theirs: str, ours: str, offset: timedelta, *, misses: bool
) -> None:
    finding = await ask(Index(theirs, misprints=True), ours)
    assert finding == ZoneFinding(misses=misses, overreaches=not misses, offset=offset)


async def test_a_pim_in_which_all_was_saved_just_now_cannot_tell() -> None:
    assert await ask(Index(saved={0: NOW - timedelta(seconds=30)}), "UTC") is None
    assert await ask(Index(saved={}), "UTC") is None
