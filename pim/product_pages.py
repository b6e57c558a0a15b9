"""The product listing, page by page."""

from collections.abc import AsyncIterator
from dataclasses import replace

from pim.caller import Caller, NumberedAnswer
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SourceError
from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue, as_object, as_text
from pim.paging import PAGE_LIMIT
from pim.product import product_key
from pim.product_reader import OPTIONS, ProductReader
from pim.reads import FailedRead, ProductPage, ProductRead
from pim.transport import Query
from pim.walking import ListManners, Walked, walk_listing

_BARE: Query = dict.fromkeys(OPTIONS, "false")


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
    slim = {**_BARE, "attributes": reader.main_identifier or "sku"}
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
