"""A backlog being drained: products written beside the deliveries, as a drain writes them."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.synchronize import Event

from flows.run import Pace
from pim.document import Document
from pim.json_types import JsonObject
from pim.product import parse_product
from pim.reads import ProductRead, ReadInterval
from pim.vocabulary import Identity
from storage.database.schema import open_store
from storage.database.store import Store
from storage.products import Cause, ProductWrite, write_products

PAGE = 100  # products a call: a drain's
PAGE_SECONDS = 0.05  # a fast PIM's
PRODUCTS = 2_000
VALUES = 30


@contextmanager
def draining_backlog(database: str) -> Iterator[None]:
    """Another process writes products without end, slice by slice."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=write_without_end, args=(database, stop))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join(10)


def write_without_end(database: str, stop: Event) -> None:
    """Wait for a page, then write it at a drain's pace."""
    store = open_store(database)
    pace, page = Pace(), 0
    while not stop.wait(PAGE_SECONDS):
        writes = [_write(store, page * PAGE + step) for step in range(PAGE)]
        asyncio.run(_write_page(store, pace, writes))
        page += 1
    store.close()


async def _write_page(store: Store, pace: Pace, writes: list[ProductWrite]) -> None:
    async for some in pace.slices(store, writes):
        write = partial(write_products, writes=some, cause=Cause("bench"), now=datetime.now(UTC))
        await pace.write(store, write, rows=len(some))


def _write(store: Store, serial: int) -> ProductWrite:
    interval = ReadInterval(store.draw_number(), store.draw_number(), datetime.now(UTC))
    product = parse_product(_body(serial), identity=Identity.UUID, main_identifier="sku")
    document = Document({"key": product.key, "source": product.body}, frozenset())
    return ProductWrite(ProductRead(product.key, interval, product), document)


def _body(serial: int) -> JsonObject:
    text = f"A lamp of edition {serial} with a long description. " * 4
    return {
        "uuid": f"00000000-0000-4000-8000-{serial % PRODUCTS:012d}",
        "identifier": f"lamp-{serial % PRODUCTS}",
        "enabled": True,
        "updated": datetime.now(UTC).isoformat(timespec="seconds"),
        "values": {
            f"attribute_{number}": [{"locale": "en_US", "scope": None, "data": text}]
            for number in range(VALUES)
        },
    }
