"""What the tests of the store are made of: products, events, small helpers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from pim.document import Document
from pim.events import Batch, Event, InvalidEvent
from pim.ids import EventId, Generation, OrderNumber, ProductKey, RunId
from pim.json_types import JsonObject, JsonValue
from pim.product import parse_product
from pim.reads import ItemRead, ProductRead, ReadInterval
from pim.structure import Reference, parse_item
from pim.vocabulary import CatalogKind, Channel, Identity, ResourceKind
from storage import Store, Transaction
from storage.catalog import write_items
from storage.inbox import Stored, store_batch
from storage.inbox.door import Opened, close_door, open_door
from storage.inbox.due_events import take_chunk
from storage.inbox.settling import Settlement, give_back_all, settle_events
from storage.products import Cause, ProductWrite, WriteResult, write_products

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
RUN = RunId("run-1")
CAUSE = Cause("test", RUN)

_SERIAL = count(1)


def uuid_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def make_event(
    product: int | None = 1,
    *,
    event_id: str | None = None,
    identifier: str | None = None,
    model: str | None = None,
    action: str = "product.updated",
    updated: datetime | None = None,
) -> Event:
    kind = ResourceKind.PRODUCT_MODEL if model else ResourceKind.PRODUCT
    return Event(
        event_id=EventId(event_id or f"event-{next(_SERIAL):08d}"),
        action=action,
        kind=kind,
        removed=action.endswith("removed"),
        uuid=None if product is None or model else uuid_of(product),
        identifier=identifier,
        code=model,
        resource_updated=updated,
        occurred_at=NOW,
        author="julia",
        author_type="ui",
    )


def make_invalid(event_id: str, reason: str = "no data.resource") -> InvalidEvent:
    return InvalidEvent(EventId(event_id), "product.updated", reason)


def deliver(store: Store, *events: Event | InvalidEvent, received_at: datetime = NOW) -> Stored:
    """Store a delivery of these events."""
    batch = Batch(
        tuple(event for event in events if isinstance(event, Event)),
        tuple(event for event in events if isinstance(event, InvalidEvent)),
    )
    return store.run(
        lambda tx: store_batch(
            tx, channel=Channel.EVENTS_API, raw=b"{}", batch=batch, received_at=received_at
        )
    )


def open_drain(store: Store, name: str = "drain-1") -> Generation:
    """Open the door under the generation `name`."""
    with store.transaction() as tx:
        opened = open_door(
            tx, generation=Generation(name), run_id=RunId(name), run_name=name, lease=LEASE
        )
    assert isinstance(opened, Opened)
    return opened.generation


def settle_as_drain(
    tx: Transaction, settlements: Sequence[Settlement], *, run_id: RunId = RUN, now: datetime = NOW
) -> int:
    """Settle due events as a drain does, which opens the door, and closes it when it ends."""
    generation = Generation(f"settling-{next(_SERIAL)}")
    opened = open_door(tx, generation=generation, run_id=run_id, run_name="settling", lease=LEASE)
    assert isinstance(opened, Opened)
    while take_chunk(tx, generation=generation, max_attempts=100).events:
        pass
    settled = settle_events(
        tx, generation=generation, settlements=settlements, run_id=run_id, now=now
    )
    give_back_all(tx, generation=generation)
    close_door(tx, generation=generation)
    return settled


def body_of(
    product: int,
    *,
    updated: datetime = NOW,
    identifier: str | None = None,
    parent: str | None = None,
    **values: JsonValue,
) -> JsonObject:
    """A product as the PIM answers it; `values` are attributes without locale and scope."""
    return {
        "_links": {"self": {"href": f"https://pim.example.test/{product}"}},
        "uuid": uuid_of(product),
        "identifier": identifier,
        "enabled": True,
        "family": "lamps",
        "categories": ["desk"],
        "groups": [],
        "parent": parent,
        "values": {
            code: [{"locale": None, "scope": None, "data": data}] for code, data in values.items()
        },
        "created": "2026-01-01T00:00:00+00:00",
        "updated": updated.isoformat(),
        "associations": {},
    }


def read_of(body: JsonObject, read_from: int, read_to: int) -> ProductRead:
    product = parse_product(body, identity=Identity.UUID, main_identifier="sku")
    return ProductRead(product.key, interval(read_from, read_to), product)


def absence_of(product: int, read_from: int, read_to: int) -> ProductRead:
    return ProductRead(ProductKey(uuid_of(product)), interval(read_from, read_to), None)


def interval(read_from: int, read_to: int) -> ReadInterval:
    return ReadInterval(OrderNumber(read_from), OrderNumber(read_to), NOW)


FAMILY = Reference(CatalogKind.FAMILY, "", "lamps")


def live(
    body: JsonObject,
    read_from: int,
    read_to: int,
    *,
    catalog_version: int = 0,
    confirmed: bool = False,
    references: frozenset[Reference] = frozenset({FAMILY}),
) -> ProductWrite:
    """Write what a read found; the document is a small stand-in."""
    read = read_of(body, read_from, read_to)
    document = Document({"key": read.key, "updated": body["updated"]}, references)
    return ProductWrite(read, document, catalog_version, confirmed=confirmed)


def absent(product: int, read_from: int, read_to: int, *, announced: bool = False) -> ProductWrite:
    return ProductWrite(absence_of(product, read_from, read_to), announced=announced)


def write(store: Store, *writes: ProductWrite, now: datetime = NOW) -> list[WriteResult]:
    """Write in one transaction; the results in the order of the writes."""
    results = store.run(lambda tx: write_products(tx, writes, cause=CAUSE, now=now))
    return [results[each.read.key] for each in writes]


def mirror(
    store: Store, kind: CatalogKind, *bodies: Mapping[str, JsonValue], parent: str = ""
) -> None:
    """Store items of the structure as read just now."""
    number = store.draw_number()
    items = [parse_item(kind, parent, {**body}) for body in bodies]
    reads = [ItemRead(item.reference, interval(number, number), item) for item in items]
    store.run(lambda tx: write_items(tx, reads))
