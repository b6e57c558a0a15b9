"""Reading the source's structure: where each kind of item lives, and how its list is paged."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pim.blame import is_of_a_route
from pim.caller import Caller, NumberedAnswer
from pim.canonical import dump_json
from pim.errors import InvalidAnswer
from pim.json_types import JsonObject, JsonValue, as_object, as_text
from pim.known_list import KnownList
from pim.paging import PAGE_LIMIT, items_of
from pim.reads import FailedItem, ItemPage, ItemRead
from pim.structure import CatalogItem, Reference, parse_item
from pim.transport import Query, api_path
from pim.vocabulary import CatalogKind
from pim.walking import ListManners, Walked, walk_listing

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
    ) -> AsyncIterator[ItemPage]:
        """All items of a kind, page by page; one that cannot be read fails alone.

        Raises:
            SourceError: of the calls; SourceNotFound if the PIM has no such list (reference
                entities and assets in the Community Edition) or no such parent.
        """
        home = _HOMES[kind]
        path = _path_of(home, parent)
        if home.query is None:
            answer = await self._caller.read_list(path, {})
            items = items_of(answer.body, path, plain=True)
            yield page_of_items(kind, parent, Walked(answer, items, None))
            return
        walk = walk_listing(
            self._caller.read_list,
            path=path,
            own=dict(home.query) if search is None else {**home.query, "search": dump_json(search)},
            base_url=self._caller.base_url,
            manners=ListManners(works=self._known.answers_now),
        )
        async for walked in walk:
            yield page_of_items(kind, parent, walked)

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
            answer = await self._caller.read_list(path, {})
            items = items_of(answer.body, path, plain=True)
            page = page_of_items(kind, parent, Walked(answer, items, None))
            if any(each.reference.code.casefold() == code.casefold() for each in page.failed):
                raise InvalidAnswer(f"{kind.value} {code} cannot be read", method="GET", path=path)
            absence = ItemRead(reference, answer.interval, None)
            return next((each for each in page.reads if _is_named(each, code)), absence)
        path = _path_of(home, parent, code)
        answer = await self._caller.read(path, home.item_query)
        if answer.not_found is not None:
            if is_of_a_route(answer.not_found):
                raise answer.not_found
            await self._known.confirm()
            return ItemRead(reference, answer.interval, None)
        if not isinstance(answer.body, dict):
            raise InvalidAnswer(f"the answer is no {kind.value}", method="GET", path=path)
        item = _parse(kind, parent, answer.body)
        return ItemRead(item.reference, answer.interval, item)


def page_of_items(kind: CatalogKind, parent: str, walked: Walked[NumberedAnswer]) -> ItemPage:
    """The items of a page; one that is on it twice counts once, as it was shown last."""
    interval = walked.answer.interval
    reads: dict[str, ItemRead] = {}
    failed = [FailedItem(Reference(kind, parent, each.key), each.error) for each in walked.left_out]
    for body in walked.items:
        try:
            item = _parse(kind, parent, body)
        except InvalidAnswer as error:
            code = as_text(as_object(body).get("code")) or ""
            failed.append(FailedItem(Reference(kind, parent, code), error))
        else:
            reads[item.code.casefold()] = ItemRead(item.reference, interval, item)
    return ItemPage(tuple(reads.values()), walked.following, interval, tuple(failed), walked.odd)


def _parse(kind: CatalogKind, parent: str, body: JsonValue) -> CatalogItem:
    """Take one item apart; raises InvalidAnswer: its neighbours are no worse for it."""
    if not isinstance(body, dict):
        raise InvalidAnswer(f"an item of the list of {kind.value} is none: {body!r:.80}")
    try:
        return parse_item(kind, parent, body)
    except InvalidAnswer:
        raise
    except Exception as error:  # whatever it is, it is this item's
        raise InvalidAnswer(f"a {kind.value} that cannot be read: {error!r}") from error


def _is_named(read: ItemRead, code: str) -> bool:
    return read.reference.code.casefold() == code.casefold()


def _path_of(home: _Home, parent: str, *code: str) -> str:
    parts = [parent if part == "{}" else part for part in home.path.split("/")]
    return api_path(*parts, *code)
