"""Reading product models: one by its own URL, or their listing page by page."""

from collections.abc import AsyncIterator

from pim.blame import NOBODY, may_be_of_one, why_not_read
from pim.caller import Caller
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SourceError
from pim.json_types import JsonObject
from pim.known_list import KnownList
from pim.paging import PAGE_LIMIT
from pim.reads import FailedItem, ItemPage, ItemRead
from pim.structure import Reference
from pim.structure_reader import StructureReader, page_of_items
from pim.transport import api_path
from pim.vocabulary import CatalogKind
from pim.walking import ListManners, walk_listing

_LISTING = api_path("product-models")
_SLIM = {"with_quality_scores": "false", "attributes": "sku"}


class ModelReader:
    """Reads models, and knows a model's own fault from the source's."""

    def __init__(self, caller: Caller, known: KnownList) -> None:
        self._caller = caller
        self._structure = StructureReader(caller, known)

    async def read(self, code: str) -> ItemRead | FailedItem:
        """One model by its own URL, or its absence (Akeneo's own 404 while a known list answers).

        FailedItem: it cannot be read although the source reads models.

        Raises:
            SourceForbidden: the connection may not read models.
            SourceError: something is wrong with the source, or with its route to models, rather
                than with this model.
        """
        reference = Reference(CatalogKind.PRODUCT_MODEL, "", code)
        try:
            read = await self._structure.read(CatalogKind.PRODUCT_MODEL, "", code)
        except SourceError as error:
            if may_be_of_one(error) and await self._reads_now():
                return FailedItem(reference, error)
            raise
        if read.reference.code.casefold() != code.casefold():
            other = f"model {read.reference.code} came instead of {code}"
            return FailedItem(reference, InvalidAnswer(other))
        return read

    async def pages(
        self, *, position: str | None, search: JsonObject | None
    ) -> AsyncIterator[ItemPage]:
        """Every page from the start or from `position`; a position carries its own search."""
        own = {"pagination_type": "search_after", "limit": str(PAGE_LIMIT)}
        if search is not None:
            own["search"] = dump_json(search)
        walk = walk_listing(
            self._caller.read_list,
            path=_LISTING,
            own=own,
            base_url=self._caller.base_url,
            position=position,
            manners=ListManners(slim=_SLIM, numbered=True, works=self._reads_now),
        )
        async for walked in walk:
            yield page_of_items(CatalogKind.PRODUCT_MODEL, "", walked)

    async def _reads_now(self) -> bool:
        """Ask anew: does the source, at this moment, read models by their URLs at all?"""
        return await why_not_read(self._caller, api_path("product-models", NOBODY), {}) is None
