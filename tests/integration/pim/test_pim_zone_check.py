"""Which zone the `updated` filter reads, asked of a PIM that reads another than we write."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr

from pim.http.connection import PasswordCredentials, PimConnection
from pim.ids import OrderNumber
from pim.reading.client import PimClient
from pim.reading.zone_check import ZoneFinding, describe_offset
from simulator.app import build_simulator
from simulator.config import SimulatorConfig

pytestmark = pytest.mark.anyio

LOGIN = PasswordCredentials(
    "demo_client", SecretStr("demo_client_secret"), "demo_connection", SecretStr("demo_password")
)


async def _ask(theirs: str, ours: str, *, identifier_only: bool = False) -> ZoneFinding | None:
    config = SimulatorConfig(products=60, timezone=theirs, identifier_only=identifier_only)
    drawn = iter(range(1, 1_000))

    async def draw_number() -> OrderNumber:
        return OrderNumber(next(drawn))

    async with PimClient(
        PimConnection("http://pim.example.test", LOGIN),
        draw_number=draw_number,
        transport=httpx.ASGITransport(build_simulator(config)),
        clock=lambda: datetime.now(UTC) + timedelta(hours=1),  # the products were made just now
    ) as client:
        return await (await client.zone_check()).ask(ZoneInfo(ours))


@pytest.mark.parametrize("identifier_only", [False, True], ids=["by uuid", "by identifier"])
@pytest.mark.parametrize("zone", ["UTC", "America/Bogota", "Asia/Kolkata"])
async def test_the_right_zone_is_confirmed(zone: str, identifier_only: bool) -> None:  # noqa: FBT001 - parametrized
    found = await _ask(zone, zone, identifier_only=identifier_only)
    assert found == ZoneFinding(misses=False, overreaches=False)


@pytest.mark.parametrize(
    ("theirs", "offset"),
    [("America/Bogota", timedelta(hours=-5)), ("America/Caracas", timedelta(hours=-4))],
)
async def test_a_pim_west_of_our_setting_misses_and_its_zone_is_found(
    theirs: str, offset: timedelta
) -> None:
    found = await _ask(theirs, "UTC")
    assert found == ZoneFinding(misses=True, overreaches=False, offset=offset)


async def test_a_pim_east_of_our_setting_overreaches_and_its_zone_is_found() -> None:
    found = await _ask("Asia/Kolkata", "UTC")
    kolkata = timedelta(hours=5, minutes=30)
    assert found == ZoneFinding(misses=False, overreaches=True, offset=kolkata)


@pytest.mark.parametrize(
    ("offset", "written"),
    [
        (timedelta(0), "UTC"),
        (timedelta(hours=-5), "UTC-05:00"),
        (timedelta(hours=5, minutes=45), "UTC+05:45"),
    ],
)
def test_an_offset_is_written_as_people_write_it(offset: timedelta, written: str) -> None:
    assert describe_offset(offset) == written
