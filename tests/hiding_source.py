"""A source that hides products on request, for tests of what may be deleted: no socket, a store."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from flows.run.session import Session
from pim.canonical import dump_json
from pim.document import Document
from pim.ids import ProductKey, RunId
from pim.json_types import JsonObject
from pim.product import SourceProduct
from pim.reading.discovery import SourceFacts
from pim.reads import ProductPage, ProductRead, Reads
from pim.vocabulary import Identity
from storage import Store
from storage.products import Cause
from tests.store_builders import NOW, body_of, interval, read_of, uuid_of

PRODUCTS = 60
KEYS = {ProductKey(uuid_of(number)): number for number in range(PRODUCTS)}
FACTS = SourceFacts(Identity.UUID, "sku", "7.0.1", "CE")


@dataclass
class Source:
    """Which products the PIM shows; stands for the client, and counts reads as the store does.

    `unlisted` are read by key, and no listing of all shows them; `counted` is what it says it has.
    """

    store: Store
    hidden: set[int] = field(default_factory=set)
    unlisted: set[int] = field(default_factory=set)
    counted: int | None = None
    facts: SourceFacts = FACTS
    asked: list[int] = field(default_factory=list)

    async def read_products(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str]
    ) -> Reads:
        assert set(identifiers) <= set(keys)
        self.asked += [KEYS[key] for key in keys]
        return Reads(self.read(KEYS[key]) for key in keys)

    async def product_pages(
        self, *, search: JsonObject | None = None, position: str | None = None
    ) -> AsyncIterator[ProductPage]:
        """What a search by uuid shows, all that is not hidden; or the listing of all."""
        assert position is None
        if search is None:
            shown = sorted(set(KEYS.values()) - self.hidden - self.unlisted)
        else:
            names = set(re.findall(r"[0-9a-f-]{36}", dump_json(search)))
            shown = [n for key, n in KEYS.items() if key in names and n not in self.hidden]
        reads = tuple(map(self.read, shown))
        number = self.store.draw_number()
        yield ProductPage(reads, None, NOW, interval(number, number))

    async def count_products(self) -> int | None:
        return self.counted

    def read(self, product: int) -> ProductRead:
        number = self.store.draw_number()
        if product in self.hidden:
            key = ProductKey(uuid_of(product))
            return ProductRead(key, interval(number, number), None)
        return read_of(body_of(product), number, number)


@dataclass
class Hours:
    """A clock that moves when told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


async def _render(
    products: Sequence[SourceProduct], *, fresh: bool
) -> dict[ProductKey, SimpleNamespace]:
    assert fresh
    return {
        each.key: SimpleNamespace(
            document=Document({"key": each.key}, frozenset()), catalog_version=0
        )
        for each in products
    }


def session_of(store: Store, source: Source, clock: Hours) -> Session:
    """What writing needs of a session, and no more."""
    return Session(
        settings=SimpleNamespace(  # type: ignore[arg-type]
            max_delete_share=0.01,
            overlap_seconds=300,
            clock_doubt_seconds=60,
            timezone=ZoneInfo("UTC"),
        ),
        store=store,
        client=source,  # type: ignore[arg-type]
        gate=SimpleNamespace(),  # type: ignore[arg-type]
        catalog=SimpleNamespace(render=_render),  # type: ignore[arg-type]
        cause=Cause("test", RunId("run")),
        now=clock,
    )
