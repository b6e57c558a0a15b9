"""Reading the source's structure: where each kind of item lives, and how its list is paged."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from pim.caller import Caller
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SourceNotFound
from pim.json_types import JsonObject
from pim.paging import PAGE_LIMIT, items_of, objects_of, walk_listing
from pim.structure import CatalogItem, parse_item
from pim.transport import Query, api_path
from pim.vocabulary import CatalogKind

_NUMBERED: Query = {"limit": str(PAGE_LIMIT)}
_BY_CURSOR: Query = {"pagination_type": "search_after", "limit": str(PAGE_LIMIT)}
_UNLIMITED: Query = {}


@dataclass(frozen=True, slots=True)
class _Home:
    """`{}` in `path` is the parent's code; `query` None: the list is one plain JSON array."""

    path: str
    query: Query | None = None


_HOMES: dict[CatalogKind, _Home] = {
    CatalogKind.FAMILY: _Home("families", _NUMBERED),
    CatalogKind.FAMILY_VARIANT: _Home("families/{}/variants", _NUMBERED),
    CatalogKind.ATTRIBUTE: _Home("attributes", _NUMBERED),
    CatalogKind.ATTRIBUTE_GROUP: _Home("attribute-groups", _NUMBERED),
    CatalogKind.OPTION: _Home("attributes/{}/options", _NUMBERED),
    CatalogKind.CATEGORY: _Home("categories", _NUMBERED),
    CatalogKind.CHANNEL: _Home("channels", _NUMBERED),
    CatalogKind.LOCALE: _Home("locales", _NUMBERED),
    CatalogKind.CURRENCY: _Home("currencies", _NUMBERED),
    CatalogKind.ASSOCIATION_TYPE: _Home("association-types", _NUMBERED),
    CatalogKind.MEASUREMENT_FAMILY: _Home("measurement-families"),
    CatalogKind.PRODUCT_MODEL: _Home("product-models", _BY_CURSOR),
    CatalogKind.REFERENCE_ENTITY: _Home("reference-entities", _UNLIMITED),
    CatalogKind.RECORD: _Home("reference-entities/{}/records", _UNLIMITED),
    CatalogKind.ASSET_FAMILY: _Home("asset-families", _UNLIMITED),
    CatalogKind.ASSET: _Home("asset-families/{}/assets", _UNLIMITED),
}


class StructureReader:
    """Lists and reads items of the structure."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def pages(
        self, kind: CatalogKind, parent: str, search: JsonObject | None
    ) -> AsyncIterator[list[CatalogItem]]:
        """All items of a kind, page by page.

        Raises:
            SourceError: of the calls; SourceNotFound if the PIM has no such list (reference
                entities and assets in the Community Edition) or no such parent.
        """
        home = _HOMES[kind]
        path = _path_of(home, parent)
        if home.query is None:
            answer = await self._caller.get(path, {})
            yield [parse_item(kind, parent, body) for body in objects_of(answer.body, path)]
            return
        own = dict(home.query) if search is None else {**home.query, "search": dump_json(search)}
        pages = walk_listing(self._caller.get, path=path, own=own, base_url=self._caller.base_url)
        async for answer, _ in pages:
            yield [parse_item(kind, parent, body) for body in items_of(answer.body, path)]

    async def read(self, kind: CatalogKind, parent: str, code: str) -> CatalogItem | None:
        """One item, None if the source does not know it.

        Measurement families have no URL of their own: their list is read.
        """
        home = _HOMES[kind]
        if home.query is None:
            async for items in self.pages(kind, parent, None):
                return next((it for it in items if it.code.casefold() == code.casefold()), None)
        path = _path_of(home, parent, code)
        try:
            answer = await self._caller.get(path, {})
        except SourceNotFound:
            return None
        if not isinstance(answer.body, dict):
            raise InvalidAnswer(f"the answer is no {kind.value}", method="GET", path=path)
        return parse_item(kind, parent, answer.body)


def _path_of(home: _Home, parent: str, *code: str) -> str:
    parts = [parent if part == "{}" else part for part in home.path.split("/")]
    return api_path(*parts, *code)
