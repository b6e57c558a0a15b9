"""The PIM's REST API as this project uses it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from pim.blame import RefusedKinds, blame_source
from pim.errors import SourceError
from pim.http import (
    Caller,
    CallGate,
    CallObserver,
    Clock,
    ClockSpread,
    DrawNumber,
    HttpTransport,
    PimConnection,
    SemaphoreGate,
    Sleep,
    calls_for,
    observe_nothing,
    tokens_for,
)
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.reading.by_identifier import IdentifierReader, named_by_identifier
from pim.reading.discovery import FoundFacts, SourceFacts, discover_source, look_again
from pim.reading.known_list import KnownList
from pim.reading.paging import PAGE_LIMIT
from pim.reading.product_search import ProductSearch
from pim.reading.products import ProductReader, count_listed, read_pages
from pim.reading.source_check import SourceCheck
from pim.reading.structure import ModelReader, StructureReader
from pim.reading.zone_check import ZoneCheck
from pim.reads import (
    FailedItem,
    FailedRead,
    ItemPage,
    ItemRead,
    ProductPage,
    ProductRead,
    Reads,
)
from pim.vocabulary import CallCause, CatalogKind


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PimClient:
    """One session with a PIM: an async context manager, safe for concurrent use in one loop.

    Every method raises `SourceError` and nothing else. Retries inside: a Retry-After of up to 30 s,
    and one renewed login after a 401; all other retry policy is the caller's.

    `facts`: as stored from an earlier `discover`; without them the first product read discovers.
    `gate`: by default three calls at a time in this process. `draw_number` gives the numbers of the
    read intervals. `observe` is told of each call that ended. `transport` replaces the network in
    tests, `sleep` the waiting.
    """

    def __init__(
        self,
        connection: PimConnection,
        *,
        draw_number: DrawNumber,
        gate: CallGate | None = None,
        clock: Clock = _utc_now,
        facts: SourceFacts | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        observe: CallObserver = observe_nothing,
    ) -> None:
        gate = SemaphoreGate() if gate is None else gate
        self._transport = HttpTransport(
            connection, clock=clock, transport=transport, observe=observe
        )
        self._caller = Caller(
            self._transport,
            tokens_for(connection, self._transport, gate, clock),
            gate=gate,
            draw_number=draw_number,
            sleep=sleep,
        )
        self._known = KnownList(self._caller)
        self._structure = StructureReader(self._caller, self._known)
        self._models = ModelReader(self._caller, self._known)
        self._clock = clock
        self.refused = RefusedKinds()
        self._facts = facts
        self._discovery = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Nothing is asked before the first call."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection pool."""
        await self._transport.close()

    @property
    def clock_spread(self) -> ClockSpread:
        """How far the clocks of the source's nodes are apart, by the answers of this session."""
        return self._transport.clock_spread

    @property
    def facts(self) -> SourceFacts:
        """What this session goes by: as it was given, or discovered."""
        if self._facts is None:
            raise RuntimeError("nothing is known of the source: discover it first")
        return self._facts

    @property
    def is_discovered(self) -> bool:
        """Whether it is known what the source is."""
        return self._facts is not None

    def go_by(self, facts: SourceFacts) -> None:
        """Take the source for this from now on."""
        self._facts = facts

    async def discover(self) -> SourceFacts:
        """Find out identity, main identifier, version and edition, and go by them from now on."""
        with calls_for(CallCause.PROBE):
            self._facts = await discover_source(self._caller)
        return self._facts

    async def look_again(self) -> FoundFacts:
        """Ask anew what can be asked, each by itself; go by nothing of it yet. Raises nothing."""
        with calls_for(CallCause.PROBE):
            return await look_again(self._caller)

    async def probe(self) -> None:
        """Do the least that a run needs: log in, list one product, and read products by URL.

        Raises:
            SourceError: a run would fail as well.
        """
        reader = await self._reader()
        try:
            query = {"pagination_type": "search_after", "limit": "1"}
            await self._caller.get(reader.listing, query)
        except SourceError as refused:
            raise blame_source(refused) from refused
        error = await reader.why_not_now()
        if error is not None:
            raise blame_source(error)

    async def read_product(self, key: ProductKey, *, identifier: str | None = None) -> ProductRead:
        """Read one product by its own URL, which asks the database, not the search index.

        `identifier`: as the source writes it, used instead of the casefolded key where products
        are keyed by identifier; and where they are keyed by uuid and the key is that identifier:
        then what is found bears its uuid as key.
        """
        reader = await self._reader()
        asked = {} if identifier is None else {key: identifier}
        if named_by_identifier(asked, reader.identity):
            by_identifier = IdentifierReader(self._caller, self._known, reader)
            return await by_identifier.read(key, asked[key])
        return await reader.read(key, reader.name_of(key, identifier))

    async def read_products(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str] | None = None
    ) -> Reads:
        """Read up to 100 different products, one result a key, in the order of `keys`.

        A key missing from the answer is read once more by its own URL. A search that fails is
        halved until the bad key stands alone (`FailedRead`); where searches as such are refused,
        each is read by its own URL. Raises only what says something about the source.
        `identifiers` as in `read_product`, by key. A key that is the identifier given with it is
        asked for so where products are keyed by uuid, and what is found bears the uuid as its key.
        """
        if len(keys) > PAGE_LIMIT:
            raise ValueError(f"{len(keys)} keys at once; the source hands out {PAGE_LIMIT}")
        return await self._read(keys, identifiers or {}, ProductSearch.read)

    async def read_alone(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str] | None = None
    ) -> Reads:
        """Read products by their own URLs, which ask the database; one result a key, in order.

        Raises only what says something about the source. `identifiers` as in `read_products`.
        """
        return await self._read(keys, identifiers or {}, ProductSearch.read_alone)

    async def _read(
        self,
        keys: Sequence[ProductKey],
        identifiers: Mapping[ProductKey, str],
        reading: Callable[[ProductSearch], Awaitable[dict[ProductKey, ProductRead | FailedRead]]],
    ) -> Reads:
        reader = await self._reader()
        asked = {key: identifiers[key] for key in keys if key in identifiers}
        former = named_by_identifier(asked, reader.identity)
        names = {
            key: reader.name_of(key, identifiers.get(key)) for key in keys if key not in former
        }
        search = ProductSearch(self._caller, self._known, reader, names, self.refused)
        found = await reading(search)
        by_identifier = IdentifierReader(self._caller, self._known, reader)
        for key, name in former.items():
            found[key] = await by_identifier.read_or_fail(key, name)
        return Reads(found[key] for key in keys)

    async def find_products(self, identifiers: Sequence[str]) -> Reads:
        """Who is called so now, where products are keyed by uuid: one result a name, in order.

        Asked by identifier, from the database. What is found bears its uuid as key, what is absent
        the casefolded identifier.
        """
        by_identifier = IdentifierReader(self._caller, self._known, await self._reader())
        with calls_for(CallCause.NAME):
            return Reads(
                [
                    await by_identifier.read_or_fail(ProductKey(name.casefold()), name)
                    for name in identifiers
                ]
            )

    async def product_pages(
        self, *, position: str | None = None, search: JsonObject | None = None
    ) -> AsyncIterator[ProductPage]:
        """All products that match, page by page, from the start or from a page's `next_position`.

        A position carries its own search. A page that fails is asked for in smaller ones; the one
        product that spoils it is stepped over, and told beside the next page.

        Raises ListingStuck, after the pages that came, where the rest cannot be reached.
        """
        reader = await self._reader()
        pages = read_pages(self._caller, reader, position=position, search=search)
        async for page in pages:
            yield page

    async def count_products(self, *, search: JsonObject | None = None) -> int | None:
        """How many products the listing says it has; a damaged search index says what it holds.

        None where the source does not tell.
        """
        reader = await self._reader()
        return await count_listed(self._caller, reader.listing, search=search)

    async def count_items(self, kind: CatalogKind, parent: str | None = None) -> int | None:
        """How many items the list of a kind says it has; None where the source does not tell."""
        path = self._structure.counted_path(kind, parent or "")
        return None if path is None else await count_listed(self._caller, path)

    async def read_clock(self) -> datetime:
        """The source's clock, by a small list that every PIM has.

        No product is in the answer, so none can spoil it; no date is in the question, so none can
        be misread; and it is no search, which a firewall may refuse.
        """
        return await self._known.read_clock()

    async def list_items(
        self, kind: CatalogKind, parent: str | None = None, *, search: JsonObject | None = None
    ) -> AsyncIterator[ItemPage]:
        """All items of a kind, page by page; `parent` for options, variants, records, assets.

        Raises SourceNotFound where the PIM has no such list (entities and assets in CE).
        """
        async for page in self._structure.pages(kind, parent or "", search):
            yield page

    async def read_item(self, kind: CatalogKind, parent: str, code: str) -> ItemRead:
        """One item by its own URL, or its absence."""
        return await self._structure.read(kind, parent, code)

    async def read_model(self, code: str) -> ItemRead | FailedItem:
        """One product model by its own URL, or its absence; FailedItem if it alone cannot be read.

        Raises SourceForbidden where the connection may not read models.
        """
        return await self._models.read(code)

    async def model_pages(
        self, *, position: str | None = None, search: JsonObject | None = None
    ) -> AsyncIterator[ItemPage]:
        """All product models that match, page by page, from the start or from a page's position."""
        async for page in self._models.pages(position=position, search=search):
            yield page

    async def answers_now(self) -> bool:
        """Ask anew whether the source answers a list that every PIM has."""
        return await self._known.answers_now()

    async def reads_products_now(self) -> bool:
        """Ask anew whether the source, at this moment, reads products by their URLs at all."""
        return await (await self._reader()).reads_now()

    def source_check(self) -> SourceCheck:
        """The operator's questions: rights and clock."""
        return SourceCheck(self._caller, self._clock)

    async def zone_check(self) -> ZoneCheck:
        """The operator's question which time zone the `updated` filter reads."""
        return ZoneCheck(self._caller, await self._reader(), self._clock)

    async def _reader(self) -> ProductReader:
        async with self._discovery:
            facts = self._facts or await self.discover()
        return ProductReader(self._caller, self._known, facts)
