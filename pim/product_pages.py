"""The product listing, page by page."""

from collections.abc import AsyncIterator

from pim.caller import Caller, NumberedAnswer
from pim.canonical import dump_json
from pim.errors import InvalidAnswer
from pim.ids import ProductKey
from pim.json_types import JsonObject, as_object, as_text
from pim.paging import PAGE_LIMIT, items_of, walk_listing
from pim.product import product_key
from pim.product_reader import OPTIONS, ProductReader
from pim.reads import FailedRead, ProductPage, ProductRead


async def read_pages(
    caller: Caller, reader: ProductReader, *, position: str | None, search: JsonObject | None
) -> AsyncIterator[ProductPage]:
    """Every page from the start or from `position`; a position carries its own search."""
    own = {"pagination_type": "search_after", "limit": str(PAGE_LIMIT), **OPTIONS}
    if search is not None:
        own["search"] = dump_json(search)
    async for answer, following in walk_listing(
        caller.read, path=reader.listing, own=own, base_url=caller.base_url, position=position
    ):
        if answer.not_found is not None:
            raise answer.not_found
        yield _page(answer, following, reader)


async def count_listed(
    caller: Caller, listing: str, *, search: JsonObject | None = None
) -> int | None:
    """How many items the listing of this path says it has, None if it does not tell."""
    query = {"pagination_type": "page", "page": "1", "limit": "1", "with_count": "true"}
    if search is not None:
        query["search"] = dump_json(search)
    answer = await caller.read(listing, query)
    if answer.not_found is not None:
        raise answer.not_found
    count = as_object(answer.body).get("items_count")
    if isinstance(count, str) and count.isascii() and count.isdigit():
        return int(count)
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _page(answer: NumberedAnswer, following: str | None, reader: ProductReader) -> ProductPage:
    reads: list[ProductRead] = []
    failed: list[FailedRead] = []
    for item in items_of(answer.body, reader.listing):
        try:
            product = reader.parse(item)
        except InvalidAnswer as error:
            failed.append(FailedRead(_key_of(item, reader), error))
        else:
            reads.append(ProductRead(product.key, answer.interval, product))
    return ProductPage(
        reads=tuple(reads),
        next_position=following,
        source_time=answer.interval.read_at,
        interval=answer.interval,
        failed=tuple(failed),
    )


def _key_of(item: JsonObject, reader: ProductReader) -> ProductKey:
    """The key of an unreadable product, or "" if that is what it lacks."""
    uuid, identifier = as_text(item.get("uuid")), as_text(item.get("identifier"))
    return product_key(uuid, identifier, reader.identity) or ProductKey("")
