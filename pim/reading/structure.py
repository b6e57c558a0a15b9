"""Items of the structure, and product models: by their own URLs, or their lists page by page.

Each kind of item has a home of its own in the API, and its own way of paging.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pim.blame import NOBODY, is_of_a_route, may_be_of_one, why_not_read
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SourceError
from pim.http import Caller, NumberedAnswer, api_path
from pim.json_types import JsonObject, JsonValue, as_object, as_text
from pim.reading.known_list import KnownList
from pim.reading.paging import PAGE_LIMIT, items_of
from pim.reading.walking import ListManners, Walked, walk_listing
from pim.reads import FailedItem, ItemPage, ItemRead
from pim.search import Query
from pim.structure import CatalogItem, Reference, parse_item
from pim.vocabulary import CatalogKind

_NUMBERED: Query = {"limit": str(PAGE_LIMIT)}
_BY_CURSOR: Query = {"pagination_type": "search_after", "limit": str(PAGE_LIMIT)}
_UNLIMITED: Query = {}
_TABLES: Query = {"with_table_select_options": "true"}
"""Tables' options come with their attribute; a PIM before 7 has no tables, and ignores it."""

_MODELS = api_path("product-models")
_SLIM_MODELS = {"with_quality_scores": "false", "attributes": "sku"}


@dataclass(frozen=True, slots=True)
class _Home:
    """`{}` in `path` is the parent's code, which two of them share; `query` None: a plain array.

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
    CatalogKind.REFERENCE_ENTITY_OPTION: _Home("reference-entities/{}/attributes/{}/options"),
    CatalogKind.RECORD: _Home("reference-entities/{}/records", _UNLIMITED),
    CatalogKind.ASSET_FAMILY: _Home("asset-families", _UNLIMITED),
    CatalogKind.ASSET_ATTRIBUTE: _Home("asset-families/{}/attributes"),
    CatalogKind.ASSET_OPTION: _Home("asset-families/{}/attributes/{}/options"),
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
            folded = code.casefold()
            if any(each.reference.code.casefold() == folded for each in page.failed):
                raise InvalidAnswer(f"{kind.value} {code} cannot be read", method="GET", path=path)
            absence = ItemRead(reference, answer.interval, None)
            named = (each for each in page.reads if each.reference.code.casefold() == folded)
            return next(named, absence)
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


def _path_of(home: _Home, parent: str, *code: str) -> str:
    path = home.path.split("/")
    names = iter(parent.split("/") if path.count("{}") > 1 else [parent])
    return api_path(*(next(names) if part == "{}" else part for part in path), *code)


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
            path=_MODELS,
            own=own,
            base_url=self._caller.base_url,
            position=position,
            manners=ListManners(slim=_SLIM_MODELS, numbered=True, works=self._reads_now),
        )
        async for walked in walk:
            yield page_of_items(CatalogKind.PRODUCT_MODEL, "", walked)

    async def _reads_now(self) -> bool:
        """Ask anew: does the source, at this moment, read models by their URLs at all?"""
        return await why_not_read(self._caller, api_path("product-models", NOBODY), {}) is None
