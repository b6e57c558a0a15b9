"""Reading product models: one by its own URL, or their listing page by page."""

from collections.abc import AsyncIterator

from pim.caller import Caller, NumberedAnswer
from pim.canonical import dump_json
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceRequestRefused,
)
from pim.failing_alone import may_be_of_one
from pim.json_types import JsonObject, as_text
from pim.known_list import KnownList, reads_at_all
from pim.paging import PAGE_LIMIT, items_of, walk_listing
from pim.reads import FailedItem, ItemPage, ItemRead
from pim.structure import Reference, parse_item
from pim.structure_reader import StructureReader
from pim.transport import api_path
from pim.vocabulary import CatalogKind

_LISTING = api_path("product-models")

_NOBODY = "6e6f626f-6479-4000-8000-000000000000"
"""No model's code: reading it asks the source for everything but a model's data."""


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
            SourceError: something is wrong with the source rather than with this model.
        """
        reference = Reference(CatalogKind.PRODUCT_MODEL, "", code)
        try:
            read = await self._structure.read(CatalogKind.PRODUCT_MODEL, "", code)
        except SourceRequestRefused as error:
            return FailedItem(reference, error)
        except SourceError as error:
            if may_be_of_one(error) and await self._answers_now():
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
        async for answer, following in walk_listing(
            self._caller.read,
            path=_LISTING,
            own=own,
            base_url=self._caller.base_url,
            position=position,
        ):
            if answer.not_found is not None:
                raise answer.not_found
            yield _page(answer, following)

    async def _answers_now(self) -> bool:
        """Ask anew: does the source, at this moment, read models by their URLs at all?"""
        return await reads_at_all(self._caller, api_path("product-models", _NOBODY), {})


def _page(answer: NumberedAnswer, following: str | None) -> ItemPage:
    reads: list[ItemRead] = []
    failed: list[FailedItem] = []
    for body in items_of(answer.body, _LISTING):
        try:
            item = parse_item(CatalogKind.PRODUCT_MODEL, "", body)
        except InvalidAnswer as error:
            code = as_text(body.get("code")) or ""
            failed.append(FailedItem(Reference(CatalogKind.PRODUCT_MODEL, "", code), error))
        else:
            reads.append(ItemRead(item.reference, answer.interval, item))
    return ItemPage(tuple(reads), following, answer.interval, tuple(failed))
