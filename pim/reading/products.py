"""Products: one by its own URL, or their listing page by page.

The URL of a product asks the PIM's database; listings and searches ask its index, which lags.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from pim.blame import NOBODY, is_of_a_route, why_not_read
from pim.canonical import dump_json
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceRequestRefused,
    SourceUnexpectedNotFound,
)
from pim.http import Caller, NumberedAnswer, api_path, calls_for
from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue, as_object, as_text
from pim.product import SourceProduct, is_same_to_source, parse_product, product_key
from pim.reading.discovery import SourceFacts
from pim.reading.known_list import KnownList
from pim.reading.paging import PAGE_LIMIT, items_of
from pim.reading.walking import ListManners, Walked, walk_listing
from pim.reads import FailedRead, ProductPage, ProductRead
from pim.search import Query, name_of
from pim.vocabulary import CallCause, Identity

OPTIONS: Query = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}
"""What an answer carries along; a PIM too old for one of them ignores it."""

_LISTINGS = {Identity.UUID: "products-uuid", Identity.IDENTIFIER: "products"}

_NO_OPTIONS: Query = dict.fromkeys(OPTIONS, "false")


class ProductReader:
    """Reads by key, and knows an absence from an error."""

    def __init__(self, caller: Caller, known: KnownList, facts: SourceFacts) -> None:
        self._caller = caller
        self._known = known
        self._facts = facts

    @property
    def identity(self) -> Identity:
        """What products are called by."""
        return self._facts.identity

    @property
    def main_identifier(self) -> str | None:
        """The attribute that holds the identifier, if the source has told."""
        return self._facts.main_identifier

    @property
    def listing(self) -> str:
        """The path of the product listing."""
        return api_path(_LISTINGS[self.identity])

    def name_of(self, key: ProductKey, identifier: str | None) -> str:
        """What the source calls the product with this key."""
        return name_of(key, identifier, self.identity)

    def parse(self, item: JsonValue) -> SourceProduct:
        """Take one product apart.

        Each product's answer has `values` (null is the empty): a lack of them, or a text in their
        place, would be taken for none and empty its document.

        Raises:
            InvalidAnswer: it is none, or one that we cannot read: its neighbours are no worse.
        """
        if not isinstance(item, dict):
            raise InvalidAnswer(f"an item of the listing is no product: {item!r:.80}")
        try:
            product = parse_product(
                item, identity=self.identity, main_identifier=self._facts.main_identifier
            )
        except InvalidAnswer:
            raise
        except Exception as error:  # whatever it is, it is this item's
            raise InvalidAnswer(f"a product that cannot be read: {error!r}") from error
        if not isinstance(item.get("values", ""), dict | list | None):
            raise InvalidAnswer(f"the answer on product {product.key} has no `values`")
        return product

    async def read(self, key: ProductKey, name: str) -> ProductRead:
        """Read one product by its URL; `name` is its key as the source writes it.

        Absent is what Akeneo itself answers 404 to, in a session in which a known list answers;
        and an identifier for which the product of another spelling comes.

        Raises:
            SourceError: of the call; InvalidAnswer too if another product came than was asked for.
        """
        path = api_path(_LISTINGS[self.identity], name)
        answer = await self._caller.read(path, OPTIONS)
        if answer.not_found is not None:
            await self._confirm_absence(answer.not_found)
            return ProductRead(key, answer.interval, None)
        return self._found(key, answer, path)

    async def why_not_now(self) -> SourceError | None:
        """Ask anew: None if the source, at this moment, reads products by their URLs.

        Where it refuses to say that it has none such, one that it has must be refused, too.
        """
        path = api_path(_LISTINGS[self.identity], NOBODY)
        with calls_for(CallCause.PROBE):
            error = await why_not_read(self._caller, path, OPTIONS)
            if isinstance(error, SourceRequestRefused | SourceForbidden):
                return None if await self._reads_any() else error
        return error

    async def reads_now(self) -> bool:
        """Whether the source, at this moment, reads products by their URLs at all."""
        return await self.why_not_now() is None

    async def _reads_any(self) -> bool:
        """Whether one of the first products of the listing can be read by its URL."""
        query = {"pagination_type": "search_after", "limit": "5"}
        try:
            listed = await self._caller.get(self.listing, query)
            items = map(as_object, items_of(listed.body, self.listing))
            names = [as_text(item.get(self.identity.value)) for item in items]
        except SourceError:
            return False
        for name in filter(None, names):
            path = api_path(_LISTINGS[self.identity], name)
            if await why_not_read(self._caller, path, OPTIONS) is None:
                return True
        return False

    async def _confirm_absence(self, error: SourceNotFound) -> None:
        """Akeneo says 404 of routes it does not have, too: that says nothing about a product."""
        if is_of_a_route(error):
            raise SourceUnexpectedNotFound(
                "the source has no such route (another version of the PIM?)",
                method=error.method,
                path=error.path,
                status=error.status,
                excerpt=error.excerpt,
            )
        await self._known.confirm()

    def _found(self, key: ProductKey, answer: NumberedAnswer, path: str) -> ProductRead:
        if not isinstance(answer.body, dict):
            raise InvalidAnswer("the answer is no product", method="GET", path=path)
        product = self.parse(answer.body)
        if product.key == key:
            return ProductRead(key, answer.interval, product)
        if self.identity is Identity.IDENTIFIER and is_same_to_source(product.key, key):
            return ProductRead(key, answer.interval, None)  # it is spelled otherwise now
        raise InvalidAnswer(f"{product.key} came instead of {key}", method="GET", path=path)


async def read_pages(
    caller: Caller,
    reader: ProductReader,
    *,
    position: str | None,
    search: JsonObject | None,
) -> AsyncIterator[ProductPage]:
    """Every page from the start or from `position`; a position carries its own search."""
    own = {"pagination_type": "search_after", "limit": str(PAGE_LIMIT), **OPTIONS}
    if search is not None:
        own["search"] = dump_json(search)
    # A product that spoils every page by its values may be named without them.
    slim = {**_NO_OPTIONS, "attributes": reader.main_identifier or "sku"}
    manners = ListManners(
        key=reader.identity.value, slim=slim, numbered=True, works=reader.reads_now
    )
    walk = walk_listing(
        caller.read_list,
        path=reader.listing,
        own=own,
        base_url=caller.base_url,
        position=position,
        manners=manners,
    )
    async for walked in walk:
        page = _page(walked, reader)
        yield page if not walked.left_out else await _look_alone(page, reader)


async def _look_alone(page: ProductPage, reader: ProductReader) -> ProductPage:
    """Read by their own URLs what spoiled the pages they were on: some are well alone."""
    reads, failed = list(page.reads), []
    for each in page.failed:
        try:
            if not each.key:
                raise each.error
            reads.append(await reader.read(each.key, each.key))
        except SourceError as error:
            failed.append(FailedRead(each.key, error))
    return replace(page, reads=tuple(reads), failed=tuple(failed))


async def count_listed(
    caller: Caller, listing: str, *, search: JsonObject | None = None
) -> int | None:
    """How many items the listing of this path says it has, None if it does not tell."""
    query = {"pagination_type": "page", "page": "1", "limit": "1", "with_count": "true"}
    if search is not None:
        query["search"] = dump_json(search)
    answer = await caller.read_list(listing, query)
    count = as_object(answer.body).get("items_count")
    if isinstance(count, str) and count.isascii() and count.isdigit():
        return int(count)
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _page(walked: Walked[NumberedAnswer], reader: ProductReader) -> ProductPage:
    """The products of a page; one that is on it twice counts once, as it was shown last."""
    interval = walked.answer.interval
    reads: dict[ProductKey, ProductRead] = {}
    failed = [
        FailedRead(product_key(each.key, each.key, reader.identity) or ProductKey(""), each.error)
        for each in walked.left_out
    ]
    for item in walked.items:
        try:
            product = reader.parse(item)
        except InvalidAnswer as error:
            failed.append(FailedRead(_key_of(item, reader), error))
        else:
            reads[product.key] = ProductRead(product.key, interval, product)
    return ProductPage(
        reads=tuple(reads.values()),
        next_position=walked.following,
        source_time=interval.read_at,
        interval=interval,
        failed=tuple(failed),
        odd=walked.odd,
    )


def _key_of(item: JsonValue, reader: ProductReader) -> ProductKey:
    """The key of an unreadable product, or "" if that is what it lacks."""
    body = as_object(item)
    uuid, identifier = as_text(body.get("uuid")), as_text(body.get("identifier"))
    return product_key(uuid, identifier, reader.identity) or ProductKey("")
