"""Ten fates of a product, made by a real PIM, receiver and drain, and what `why` says of each.

`pytest -rP` shows what a terminal of 100 columns would.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from pim.ids import EventId
from pim.json_types import JsonObject
from storage.inbox.listed_events import discard_events
from storage.products.holds import list_holds
from tests.post_office import PostOffice, post_office
from tests.shop import SECRET, Shop, open_shop

PRODUCTS = "/api/rest/v1/products-uuid"


class Fates:
    """A shop, and the ten products that something happens to."""

    def __init__(self, shop: Shop, office: PostOffice) -> None:
        self.shop = shop
        self.office = office
        self.uuids = sorted(shop.truth())

    def edit(self, uuid: str, **options: object) -> None:
        enabled = not self.shop.truth()[uuid]["enabled"]
        self.shop.control(f"products/{uuid}", {"changes": {"enabled": enabled}, **options})

    def remove(self, uuid: str, *, silent: bool = False) -> None:
        url = f"{self.shop.pim_url}/_simulator/products/{uuid}"
        self.shop.http.delete(url, params={"silent": str(silent).lower()}).raise_for_status()

    def tell(self, events: Sequence[JsonObject] | None = None) -> list[JsonObject]:
        events = self.office.take() if events is None else list(events)
        self.office.hand_on(events)
        return events

    def drain(self) -> None:
        asyncio.run(self.shop.drain())

    def reconcile(self, key: str | None = None) -> None:
        asyncio.run(self.shop.reconcile(key=key, full=key is None))


def applied(fates: Fates, uuid: str) -> None:
    fates.edit(uuid)
    fates.tell()
    fates.drain()


def unchanged(fates: Fates, uuid: str) -> None:
    """Changed and changed back, and the first of the two events got lost."""
    fates.edit(uuid)
    fates.edit(uuid)
    fates.tell(fates.office.take()[1:])
    fates.drain()


def outdated(fates: Fates, uuid: str) -> None:
    """Told late, and of a state of an hour before the one that a reconcile has read."""
    before = datetime.now(UTC) - timedelta(hours=1)
    fates.edit(uuid, updated=before.isoformat())
    late = fates.office.take()
    fates.edit(uuid, silent=True)
    fates.reconcile(uuid)
    fates.tell(late)
    fates.drain()


def covered(fates: Fates, uuid: str) -> None:
    fates.edit(uuid)
    fates.tell()
    fates.reconcile(uuid)
    fates.drain()


def coalesced(fates: Fates, uuid: str) -> None:
    fates.edit(uuid)
    fates.shop.control(f"products/{uuid}", {"changes": {"categories": []}})
    fates.tell()
    fates.drain()


def gone(fates: Fates, uuid: str) -> None:
    fates.remove(uuid)
    fates.tell()
    fates.drain()


def dead(fates: Fates, uuid: str) -> None:
    """The PIM refuses to show this one product, at each of two attempts."""
    fates.edit(uuid)
    fates.tell()
    for path in (f"{PRODUCTS}/{uuid}", PRODUCTS):
        fates.shop.control("answers", {"path": path, "status": 422, "times": 1})
    fates.drain()


def filtered(fates: Fates, uuid: str) -> None:
    """A dead letter that a person has thrown away."""
    dead(fates, uuid)
    events = [event for event in fates.shop.events("dead") if event.resource_key == uuid]
    ids = [EventId(event.event_id) for event in events]
    note, now = "known to be broken", datetime.now(UTC)
    fates.shop.store.run(lambda tx: discard_events(tx, note=note, now=now, event_ids=ids))


def orphan_repaired(fates: Fates, uuid: str) -> None:
    fates.remove(uuid, silent=True)
    fates.reconcile()


def held(fates: Fates, _uuid: str) -> None:
    """Most of the products are hidden at once."""
    fates.shop.control("rights", {"hidden_share": 0.8})
    fates.reconcile()


FATES: dict[Callable[[Fates, str], None], tuple[str, ...]] = {
    applied: (
        "applied: the PIM was asked, and what it showed was written",
        "updated: enabled (cause: event)",
        "in delivery 1",
    ),
    unchanged: ("unchanged: the PIM was asked, and showed what the store had already",),
    outdated: ("outdated: the PIM was not asked (it speaks of ", "the store holds a later state"),
    covered: (
        "covered: the PIM was not asked again (the stored read began after this event",
        "cause: a key reconcile that found it",
    ),
    coalesced: (
        "coalesced: the PIM was asked once for several events (settled with event ",
        "updated: categories, enabled",
    ),
    gone: (
        "gone: the PIM was asked (it does not have it any more",
        "it stays deleted unless the PIM",
    ),
    filtered: (
        "filtered: nothing was to be done (discarded: known to be broken (was: ",
        "status 422",
    ),
    dead: (
        "dead: given up",
        "the source refuses the request (GET ",
        "status 422",
        "`akeneo-sync replay ",
    ),
    orphan_repaired: ("deleted (cause: a full reconcile that found it orphan)",),
    held: (
        "nobody told of a deletion: kept, held (cause: a full reconcile",
        "a deletion is held: `akeneo-sync approve` decides it",
    ),
}


@pytest.fixture(scope="module")
def fates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fates]:
    folder = tmp_path_factory.mktemp("fates")
    with ExitStack() as stack:
        one_try = {"SYNC_MAX_ATTEMPTS": "1"}
        shop = stack.enter_context(open_shop(folder, products=40, tunables=one_try))
        office, url = stack.enter_context(post_office(shop.receiver_url, SECRET))
        asyncio.run(shop.reconcile())
        shop.control("webhook", {"url": url, "secret": SECRET})
        yield Fates(shop, office)


@pytest.fixture
def why(fates: Fates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr("settings.loading.project_root", lambda: tmp_path)
    monkeypatch.setattr("cli.guard.project_root", lambda: tmp_path)
    for name, value in fates.shop.environment().items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, columns: int = 400) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(app, ["why", *arguments])

    return run


@pytest.mark.parametrize("fate", FATES, ids=lambda fate: fate.__name__)
def test_why_tells_the_fate_of_a_product(
    fates: Fates, why: Callable[..., Result], fate: Callable[[Fates, str], None]
) -> None:
    uuid = fates.uuids[list(FATES).index(fate)]
    fate(fates, uuid)
    if fate is held:
        uuid = held_keys(fates.shop)[0]
    result = why(uuid)
    assert result.exit_code == 0, result.stderr
    terminal = why(uuid, columns=100).stdout
    sys.stdout.write(f"{fate.__name__}: akeneo-sync why {uuid}\n{terminal}")
    for line in FATES[fate]:
        assert line in result.stdout
    assert json.loads(why(uuid, "--json").stdout)["products"][0]["timeline"]


def held_keys(shop: Shop) -> list[str]:
    with shop.store.read() as tx:
        return [hold.key for hold in list_holds(tx)]
