"""Reading the source's structure: where each kind of item lives, and how its list is paged."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pim.caller import Caller, NumberedAnswer
from pim.canonical import dump_json
from pim.errors import InvalidAnswer
from pim.json_types import JsonObject
from pim.known_list import KnownList, is_of_a_route
from pim.paging import PAGE_LIMIT, items_of, objects_of, walk_listing
from pim.reads import ItemRead
from pim.structure import Reference, parse_item
from pim.transport import Query, api_path
from pim.vocabulary import CatalogKind

_NUMBERED: Query = {"limit": str(PAGE_LIMIT)}
_BY_CURSOR: Query = {"pagination_type": "search_after", "limit": str(PAGE_LIMIT)}
_UNLIMITED: Query = {}
_TABLES: Query = {"with_table_select_options": "true"}
"""Tables' options come with their attribute; a PIM before 7 has no tables, and ignores it."""


@dataclass(frozen=True, slots=True)
class _Home:
    """`{}` in `path` is the parent's code; `query` None: the list is one plain JSON array.

    `item_query` goes with the question for one item.
    """

    path: str
    query: Query | None = None
    item_query: Query = field(default_factory=dict)


_HOMES: dict[CatalogKind, _Home] = {
    CatalogKind.FAMILY: _Home("families", _NUMBERED),
    CatalogKind.FAMILY_VARIANT: _Home("families/{}/variants", _NUMBERED),
    CatalogKind.ATTRIBUTE: _Home("attributes", {**_NUMBERED, **_TABLES}, _TABLES),
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
    CatalogKind.REFERENCE_ENTITY_ATTRIBUTE: _Home("reference-entities/{}/attributes"),
    CatalogKind.RECORD: _Home("reference-entities/{}/records", _UNLIMITED),
    CatalogKind.ASSET_FAMILY: _Home("asset-families", _UNLIMITED),
    CatalogKind.ASSET_ATTRIBUTE: _Home("asset-families/{}/attributes"),
    CatalogKind.ASSET: _Home("asset-families/{}/assets", _UNLIMITED),
}


class StructureReader:
    """Lists and reads items of the structure, each with its place in the order of reads."""

    def __init__(self, caller: Caller, known: KnownList) -> None:
        self._caller = caller
        self._known = known

    async def pages(
        self, kind: CatalogKind, parent: str, search: JsonObject | None
    ) -> AsyncIterator[list[ItemRead]]:
        """All items of a kind, page by page.

        Raises:
            SourceError: of the calls; SourceNotFound if the PIM has no such list (reference
                entities and assets in the Community Edition) or no such parent.
        """
        home = _HOMES[kind]
        path = _path_of(home, parent)
        if home.query is None:
            answer = _found(await self._caller.read(path, {}))
            yield _reads(kind, parent, objects_of(answer.body, path), answer)
            return
        own = dict(home.query) if search is None else {**home.query, "search": dump_json(search)}
        pages = walk_listing(self._caller.read, path=path, own=own, base_url=self._caller.base_url)
        async for answer, _ in pages:
            yield _reads(kind, parent, items_of(_found(answer).body, path), answer)

    def counted_path(self, kind: CatalogKind, parent: str) -> str | None:
        """The path of a kind's list that tells its count on request; None: by cursor or whole."""
        home = _HOMES[kind]
        return _path_of(home, parent) if home.query and "limit" in home.query else None

    async def read(self, kind: CatalogKind, parent: str, code: str) -> ItemRead:
        """One item, or its absence: Akeneo's own 404 while a known list answers.

        What is listed as one plain array is looked up in it: measurement families have no URL of
        their own, and the list costs no more.

        Raises:
            SourceError: of the calls; SourceNotFound if the PIM has no such route.
        """
        home = _HOMES[kind]
        reference = Reference(kind, parent, code)
        if home.query is None:
            path = _path_of(home, parent)
            answer = _found(await self._caller.read(path, {}))
            found = _reads(kind, parent, objects_of(answer.body, path), answer)
            absence = ItemRead(reference, answer.interval, None)
            return next((each for each in found if _is_named(each, code)), absence)
        path = _path_of(home, parent, code)
        answer = await self._caller.read(path, home.item_query)
        if answer.not_found is not None:
            if is_of_a_route(answer.not_found):
                raise answer.not_found
            await self._known.confirm()
            return ItemRead(reference, answer.interval, None)
        if not isinstance(answer.body, dict):
            raise InvalidAnswer(f"the answer is no {kind.value}", method="GET", path=path)
        item = parse_item(kind, parent, answer.body)
        return ItemRead(item.reference, answer.interval, item)


def _found(answer: NumberedAnswer) -> NumberedAnswer:
    if answer.not_found is not None:
        raise answer.not_found
    return answer


def _reads(
    kind: CatalogKind, parent: str, bodies: list[JsonObject], answer: NumberedAnswer
) -> list[ItemRead]:
    items = [parse_item(kind, parent, body) for body in bodies]
    return [ItemRead(item.reference, answer.interval, item) for item in items]


def _is_named(read: ItemRead, code: str) -> bool:
    return read.reference.code.casefold() == code.casefold()


def _path_of(home: _Home, parent: str, *code: str) -> str:
    parts = [parent if part == "{}" else part for part in home.path.split("/")]
    return api_path(*parts, *code)
