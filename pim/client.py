"""The PIM's REST API as this project uses it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx

from pim.connection import CallGate, Clock, DrawNumber, PimConnection, SourceFacts
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.reads import FailedRead, ProductPage, ProductRead
from pim.structure import CatalogItem
from pim.vocabulary import CatalogKind


class PimClient:
    """One session with a PIM: an async context manager, safe for concurrent use in one loop.

    Every method raises `SourceError` and nothing else. Retries inside: a Retry-After of up to 30 s,
    and one renewed login after a 401; all other retry policy is the caller's.

    `facts`: as stored from an earlier `discover`; without them the first product read discovers.
    `gate`: by default three calls at a time in this process. `draw_number` gives the numbers of the
    read intervals. `transport` replaces the network in tests.
    """

    def __init__(
        self,
        connection: PimConnection,
        *,
        draw_number: DrawNumber,
        gate: CallGate | None = None,
        clock: Clock | None = None,
        facts: SourceFacts | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        """Open the connection pool; no call is made."""
        raise NotImplementedError

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection pool."""

    async def discover(self) -> SourceFacts:
        """Find out identity, main identifier, version and edition."""
        raise NotImplementedError

    async def read_product(self, key: ProductKey, *, identifier: str | None = None) -> ProductRead:
        """Read one product by its own URL, which asks the database, not the search index.

        `identifier`: as the source writes it, used instead of the casefolded key where products
        are keyed by identifier.
        """
        raise NotImplementedError

    async def read_products(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str] | None = None
    ) -> list[ProductRead | FailedRead]:
        """Read up to 100 products, one result a key, in the order of `keys`.

        A key missing from the answer is read once more by its own URL. A call that times out or is
        refused is halved until the bad key stands alone (`FailedRead`). Raises only what says
        something about the source.
        """
        raise NotImplementedError

    def product_pages(
        self, *, position: str | None = None, search: JsonObject | None = None
    ) -> AsyncIterator[ProductPage]:
        """All products that match, page by page, from the start or from a page's `next_position`.

        A page that times out is asked for again with a smaller limit.
        """
        raise NotImplementedError

    def list_items(
        self, kind: CatalogKind, parent: str | None = None, *, search: JsonObject | None = None
    ) -> AsyncIterator[list[CatalogItem]]:
        """All items of a kind, page by page; `parent` for options and family variants."""
        raise NotImplementedError

    async def read_item(self, kind: CatalogKind, parent: str, code: str) -> CatalogItem | None:
        """One item, or None if the source does not know it."""
        raise NotImplementedError
