"""How far the clocks of the source's nodes are apart."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pim.http.clock_spread import ClockSpread, Sighting
from tests.unit.pim.fake_pim import FakePim, client_of, ok, product, uuid

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


def spread_of(*seen: tuple[float, float, float]) -> float:
    """The spread of sightings given as seconds of the source's clock, our wall's and monotonic."""
    spread = ClockSpread()
    for source, wall, monotonic in seen:
        at = timedelta(seconds=source), timedelta(seconds=wall)
        spread.note(Sighting(NOON + at[0], NOON + at[1], monotonic))
    return spread.widest.total_seconds()


def test_clocks_that_go_alike_are_not_apart_however_much_they_differ_from_ours() -> None:
    assert spread_of((3600, 0, 50), (3601, 1, 51), (3900, 300, 350)) == 0


def test_the_widest_of_successive_answers_counts_in_either_direction() -> None:
    assert spread_of((0, 0, 0), (31, 1, 1), (2, 2, 2), (3, 3, 3)) == 30


@pytest.mark.parametrize(
    ("wall", "monotonic"),
    [(7201, 1), (1, 7201)],
    ids=["this machine slept", "this machine's clock was set"],
)
def test_what_happened_to_our_own_clock_is_not_laid_to_the_source(
    wall: float, monotonic: float
) -> None:
    assert spread_of((0, 0, 0), (7201, wall, monotonic)) == 0


@pytest.mark.anyio
async def test_the_dates_of_good_answers_are_compared() -> None:
    pim = FakePim()
    dates = ["Tue, 24 Nov 2026 12:00:00 GMT", "Tue, 24 Nov 2026 12:10:00 GMT", "soon"]
    pim.on(f"products-uuid/{uuid(1)}", *(ok(product(uuid(1)), {"Date": date}) for date in dates))
    pim.on("locales", httpx.Response(502, headers={"Date": "Tue, 24 Nov 2020 12:00:00 GMT"}))
    async with client_of(pim) as client:
        for _ in dates:
            await client.read_product(uuid(1))
        assert 599 <= client.clock_spread.widest.total_seconds() <= 600
        assert client.clock_spread.sightings == 2
