"""Two minutes of a proxy's 404 page, then a third of the rights lost, all of it under traffic."""

import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from cli.views.status_json import status_object
from flows.approval import approve_deletions
from flows.run.session import utc_now
from pim.errors import SourceError
from pim.ids import ProductKey
from pim.json_types import as_object
from storage.errors import StoreError
from storage.products.holds import list_holds
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = 2000
PAGE_SECONDS = 120.0
RIGHTS_SECONDS = 60.0


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path, products=PRODUCTS) as shop:
        yield shop


@dataclass
class Fire:
    """Work that goes on until the whistle; `failed` names what ended its runs."""

    shop: Shop
    over: asyncio.Event = field(default_factory=asyncio.Event)
    failed: list[str] = field(default_factory=list)

    async def drain_on(self) -> None:
        while not self.over.is_set():
            await self._try(self.shop.drain())

    async def sweep_on(self) -> None:
        for full in itertools.cycle((True, False)):
            if self.over.is_set():
                return
            await self._try(self.shop.reconcile(full=full))

    async def _try(self, run: Awaitable[object]) -> None:
        try:
            await run
        except SourceError as error:
            self.failed.append(type(error).__name__)
        except StoreError:
            await asyncio.sleep(1)  # another program keeps this machine's disk busy
        await asyncio.sleep(0.5)


def wrong_tombstones(shop: Shop) -> set[str]:
    """Products that the store calls deleted and the PIM has, whoever may see them."""
    deleted = {key for key, line in shop.exported(tombstones=True).items() if line["deleted"]}
    return deleted & shop.truth().keys()


async def settle(shop: Shop) -> None:
    """No more edits; what was told is worked off."""
    await asyncio.to_thread(shop.control, "pace", {"per_second": 0})
    await asyncio.sleep(2)
    await shop.drain()


async def under_fire(shop: Shop, weather: Awaitable[object]) -> list[str]:
    """Traffic, drains and sweeps while `weather` lasts; answers what failed."""
    fire = Fire(shop)
    await asyncio.to_thread(shop.control, "pace", {"per_second": 4})
    work = [asyncio.create_task(each) for each in (fire.drain_on(), fire.sweep_on())]
    await weather
    fire.over.set()
    await asyncio.gather(*work)
    return fire.failed


async def flicker(shop: Shop) -> None:
    """The page comes and goes, so that runs meet it wherever they are."""
    rng, ends = Random(7), time.monotonic() + PAGE_SECONDS
    page = {"path": "/api/rest/", "status": 404, "html": True, "times": None}
    while time.monotonic() < ends:
        await asyncio.to_thread(shop.control, "answers", page)
        await asyncio.sleep(rng.uniform(1, 10))
        shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()
        await asyncio.sleep(rng.uniform(0.2, 4))


@pytest.mark.timeout(1200)
async def test_neither_a_proxys_page_nor_lost_rights_delete_a_product(shop: Shop) -> None:
    await shop.reconcile()
    await meet_a_page(shop)
    await lose_rights(shop)


async def meet_a_page(shop: Shop) -> None:
    failed = await under_fire(shop, flicker(shop))
    assert set(failed) == {"SourceUnexpectedNotFound"}
    ended = time.monotonic()
    await settle(shop)
    assert not wrong_tombstones(shop)
    assert not held_keys(shop)
    await shop.reconcile()
    assert shop.sources() == shop.truth()
    say(f"{len(failed)} runs met the page; equal {time.monotonic() - ended:.1f} s after its end")


async def lose_rights(shop: Shop) -> None:
    hidden = set(as_hidden(shop, 0.3))
    assert not await under_fire(shop, asyncio.sleep(RIGHTS_SECONDS))
    await settle(shop)
    await shop.reconcile()
    wrong, held = wrong_tombstones(shop), held_keys(shop)
    say(f"{len(hidden)} hidden, {len(held)} held, {len(wrong)} wrong tombstones")
    assert not wrong
    assert len(held) > PRODUCTS * 0.25
    shown = as_object(status_object(shop.status(), now=utc_now())["products"])["held_deletions"]
    assert shown == len(held)
    kept = sorted(held)[:3]
    await approve_deletions(shop.settings, kept, reject=True)
    assert held_keys(shop) == held - set(kept)

    as_hidden(shop, 0)
    ended = time.monotonic()
    report = await shop.reconcile(full=False)
    say(next(note for note in report.notes if "withdrawn" in note))
    await shop.drain()
    await shop.reconcile()
    assert not held_keys(shop)
    assert shop.sources() == shop.truth()
    say(f"equal, no hold left, {time.monotonic() - ended:.1f} s after the rights came back")


def say(line: str) -> None:
    """For the log of the drill."""
    sys.stdout.write(f"{line}\n")


def as_hidden(shop: Shop, share: float) -> list[ProductKey]:
    hidden = shop.control("rights", {"hidden_share": share})["hidden"]
    assert isinstance(hidden, list)
    return [ProductKey(str(uuid)) for uuid in hidden]


def held_keys(shop: Shop) -> set[ProductKey]:
    with shop.store.read() as tx:
        return {hold.key for hold in list_holds(tx)}
