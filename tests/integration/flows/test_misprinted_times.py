"""A source that prints `updated` with one clock's digits and another's offset."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.run.session import Session
from flows.sweeps.doubts.filter_probe import probe_filter, probe_once
from flows.sweeps.lookback import Probed, Verdict
from flows.sweeps.report import ReconcileReport
from flows.sweeps.sweep import Sweep
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.printed_time import Printing
from pim.reading.discovery import SourceFacts
from pim.reads import ProductPage, ProductRead, Reads
from storage import Store, open_store
from storage.state.source import read_printing
from tests.hiding_source import FACTS, KEYS, Hours, Source, session_of
from tests.integration.flows.fault_scene import some
from tests.shop import open_shop
from tests.store_builders import (
    NOW,
    body_of,
    deliver,
    interval,
    live,
    make_event,
    read_of,
    write,
)

pytestmark = pytest.mark.anyio

NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
ZONES = (NEW_YORK, "Europe/Paris", KOLKATA, "Australia/Lord_Howe")
SAVED = {number: NOW - timedelta(days=1, hours=number) for number in range(12)}


@dataclass
class PrintingPim:
    """Prints times as told, and filters by local times of its zone, as the index has them."""

    store: Store
    zone: ZoneInfo
    printing: Printing = Printing.UTC_DIGITS
    saved: dict[int, datetime] = field(default_factory=lambda: dict(SAVED))
    indexed: dict[int, datetime] = field(default_factory=dict)
    facts: SourceFacts = FACTS

    def printed(self, at: datetime) -> str:
        match self.printing:
            case Printing.UTC_DIGITS:
                return at.replace(tzinfo=self.zone).isoformat()
            case Printing.LOCAL_DIGITS:
                return at.astimezone(self.zone).replace(tzinfo=UTC).isoformat()
            case Printing.AS_MEANT:
                return at.astimezone(self.zone).isoformat()

    def read(self, number: int) -> ProductRead:
        at = self.store.draw_number()
        body = body_of(number) | {"updated": self.printed(self.saved[number])}
        return read_of(body, at, at)

    def fill(self) -> None:
        """Store what is shown now."""
        for number in self.saved:
            read = self.read(number)
            at = read.interval.read_from
            assert read.product is not None
            write(self.store, live(read.product.body, at, at))

    async def read_products(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str]
    ) -> Reads:
        assert not identifiers
        return Reads(self.read(KEYS[key]) for key in keys)

    async def product_pages(self, *, search: JsonObject) -> AsyncIterator[ProductPage]:
        asked = json.loads(json.dumps(search))
        keys = asked["uuid"][0]["value"]
        shown = [KEYS[key] for key in keys if self._matches(KEYS[key], asked["updated"])]
        number = self.store.draw_number()
        reads = tuple(map(self.read, shown))
        yield ProductPage(reads, None, NOW, interval(number, number))

    def _matches(self, number: int, criteria: Sequence[Mapping[str, str]]) -> bool:
        at = self.indexed.get(number, self.saved[number])
        for criterion in criteria:
            local = datetime.strptime(criterion["value"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
            limit = local.replace(tzinfo=self.zone)
            if not (at > limit if criterion["operator"] == ">" else at < limit):
                return False
        return True


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with closing(open_store(sqlite_url)) as opened:
        yield opened


def pim_of(
    store: Store, zone: str = NEW_YORK, printing: Printing = Printing.UTC_DIGITS
) -> PrintingPim:
    pim = PrintingPim(store, ZoneInfo(zone), printing)
    pim.fill()
    return pim


def session_with(pim: PrintingPim, zone: str) -> Session:
    session = session_of(pim.store, Source(pim.store), Hours())
    session.settings.timezone = ZoneInfo(zone)  # type: ignore[misc]
    return replace(session, client=pim)  # type: ignore[arg-type]


async def probe(pim: PrintingPim, zone: str) -> Probed:
    return await probe_filter(session_with(pim, zone), NOW)


@pytest.mark.parametrize("zone", ZONES)
async def test_digits_of_utc_with_the_servers_offset_are_known_for_what_they_are(
    store: Store, zone: str
) -> None:
    probed = await probe(pim_of(store, zone), zone)
    assert probed == Probed(Verdict.WORKS, SAVED[0], printing=Printing.UTC_DIGITS)


@pytest.mark.parametrize("zone", [*ZONES, "UTC"])
async def test_a_source_that_prints_what_it_means_is_taken_at_its_word(
    store: Store, zone: str
) -> None:
    probed = await probe(pim_of(store, zone, Printing.AS_MEANT), zone)
    assert probed == Probed(Verdict.WORKS, SAVED[0])


@pytest.mark.parametrize(
    ("theirs", "ours", "printing", "verdict"),
    [
        (NEW_YORK, "UTC", Printing.AS_MEANT, Verdict.BROKEN),
        (KOLKATA, "UTC", Printing.AS_MEANT, Verdict.EARLY),
        (NEW_YORK, "UTC", Printing.UTC_DIGITS, Verdict.BROKEN),
        (KOLKATA, "UTC", Printing.UTC_DIGITS, Verdict.EARLY),
        # Twice its offset, as who shifts the zone until the printed time is found.
        (KOLKATA, "Pacific/Noumea", Printing.UTC_DIGITS, Verdict.BROKEN),
    ],
)
async def test_a_zone_that_was_set_wrongly_is_still_told(
    store: Store, theirs: str, ours: str, printing: Printing, verdict: Verdict
) -> None:
    assert (await probe(pim_of(store, theirs, printing), ours)).verdict is verdict


@pytest.mark.parametrize("zone", [NEW_YORK, KOLKATA])
async def test_the_servers_digits_with_the_offset_of_utc_are_known_by_events(
    store: Store, zone: str
) -> None:
    pim = pim_of(store, zone, Printing.LOCAL_DIGITS)
    assert (await probe(pim, zone)).verdict in {Verdict.BROKEN, Verdict.EARLY}
    printed = datetime.fromisoformat(pim.printed(NOW))
    deliver(store, *(make_event(number, updated=printed) for number in range(3)))
    probed = await probe(pim, zone)
    assert (probed.verdict, probed.printing) == (Verdict.WORKS, Printing.LOCAL_DIGITS)


async def test_partners_that_an_association_saved_along_say_nothing(store: Store) -> None:
    pim = pim_of(store, "UTC", Printing.AS_MEANT)
    for partner in range(6):  # the newest of all; their places in the index are old
        pim.indexed[partner] = NOW - timedelta(days=90)
    probed = await probe(pim, "UTC")
    assert probed == Probed(Verdict.WORKS, SAVED[6])
    pim.indexed = dict.fromkeys(pim.saved, NOW - timedelta(days=90))
    assert (await probe(pim, "UTC")).verdict is Verdict.BROKEN


async def test_times_printed_otherwise_than_before_are_no_older_states(store: Store) -> None:
    pim = pim_of(store)
    session = session_with(pim, NEW_YORK)
    await probe_once(Sweep(session, ReconcileReport("delta", dry_run=False)), NOW)
    with store.read() as tx:
        assert read_printing(tx) is Printing.UTC_DIGITS
    pim.printing = Printing.AS_MEANT  # a release of the PIM has mended it
    probed = await probe_filter(session, NOW)
    assert probed == Probed(Verdict.WORKS, SAVED[0])
    pim.saved[0] -= timedelta(hours=30, minutes=7)
    assert (await probe_filter(session, NOW)).rewound == 1


async def test_a_shop_whose_times_are_misprinted_is_mirrored_without_an_alarm(
    tmp_path: Path, sqlite_url: str
) -> None:
    tunables = {"AKENEO_TIMEZONE": NEW_YORK}
    with open_shop(
        tmp_path, products=20, database_url=sqlite_url, tunables=tunables, timezone=NEW_YORK
    ) as shop:
        misprint = {"does": "misprint", "zone": NEW_YORK}
        for path in ("products-uuid*", "events"):
            shop.control("oddities", {"path": path, "items": ["*"], "done": [misprint]})
        (uuid,) = some(shop, 1)

        def save(at: str, *, silent: bool) -> bool:
            enabled = not shop.truth()[uuid]["enabled"]
            body = {"changes": {"enabled": enabled}, "silent": silent, "updated": at}
            shop.control(f"products/{uuid}", body)
            return enabled

        # In the hour that summer time leaves out, which is printed as the one after it.
        save("2025-03-09T02:30:00+00:00", silent=True)
        await shop.reconcile()
        with shop.store.read() as tx:
            assert read_printing(tx) is Printing.UTC_DIGITS
        enabled = save("2025-03-09T03:10:00+00:00", silent=False)
        await shop.drain()
        assert shop.sources()[uuid]["enabled"] is enabled
        report = await shop.reconcile(full=False)
        assert not any("AKENEO_TIMEZONE" in note for note in report.notes)
        assert not shop.status().alarms
