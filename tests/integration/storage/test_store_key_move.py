"""Moving product keys from identifiers to uuids: everything that refers to a product goes along."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Text, select

from pim.document import Document
from pim.ids import OrderNumber, ProductKey
from pim.product import parse_product
from pim.reads import ProductRead
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity, Outcome
from storage import Store, open_store
from storage.errors import FenceLost, KeysMoved
from storage.figures import LIVE, PRODUCTS, TOMBSTONE
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import list_events
from storage.inbox.settling import Settlement, settle_events
from storage.products import ProductWrite, Written, read_marks
from storage.products.holds import DeletionToHold, hold_deletions, list_holds
from storage.products.key_move import (
    KEYED,
    KEYS_ALARM,
    begin_move,
    finish_listing,
    move_keys,
    read_move,
)
from storage.state.alarms import list_alarms
from storage.state.source import read_facts, save_fact
from storage.state.sweeps import SweepStart, begin_sweep, list_sweeps, save_position
from storage.tables import METADATA
from storage.views.history import History, read_history
from storage.views.metrics import read_metrics
from tests.store_builders import (
    CAUSE,
    FAMILY,
    LEASE,
    NOW,
    RUN,
    absent,
    body_of,
    deliver,
    interval,
    live,
    make_event,
    open_drain,
    uuid_of,
    write,
)

KEY = ProductKey("sku-1")
UUID = ProductKey(uuid_of(1))
FRIEND = Reference(CatalogKind.PRODUCT, "", "SKU-2")


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Store]:
    """Where both databases do the same by the same statements, one is enough."""
    with closing(open_store(sqlite_url)) as store:
        yield store


def named(number: int, read_from: int, read_to: int, name: str = "x") -> ProductWrite:
    """A product of a PIM that knows no uuids: SKU-1 and so on."""
    body = {**body_of(number, identifier=f"SKU-{number}", name=name)}
    del body["uuid"]
    product = parse_product(body, identity=Identity.IDENTIFIER, main_identifier="sku")
    document = Document({"key": product.key}, frozenset({FAMILY, FRIEND}))
    read = ProductRead(product.key, interval(read_from, read_to), product)
    return ProductWrite(read, document)


def called_by_uuid(number: int, read_from: int, read_to: int, name: str = "x") -> ProductWrite:
    """The same product, as the PIM shows it once it knows uuids."""
    return live(body_of(number, identifier=f"SKU-{number}", name=name), read_from, read_to)


def begin(store: Store) -> None:
    with store.transaction() as tx:
        save_fact(tx, name="identity", value=Identity.IDENTIFIER, now=NOW)
    store.run(lambda tx: begin_move(tx, now=NOW))


def move(store: Store, *numbers: int) -> set[ProductKey]:
    names = {ProductKey(uuid_of(number)): f"SKU-{number}" for number in numbers}
    return store.run(lambda tx: move_keys(tx, names, now=NOW))


def fill_with_a_story(store: Store) -> None:
    """One product that is known to every table: written, told of, held, settled, due and dead."""
    write(store, named(1, 1, 2, name="before"))
    write(store, named(1, 3, 4, name="after"))
    events = [make_event(None, event_id=f"e{n}", identifier="SKU-1") for n in range(4)]
    deliver(store, *events)
    generation = open_drain(store)
    with store.transaction() as tx:
        taken = take_chunk(tx, generation=generation, max_attempts=5).events
        settled = [
            Settlement(taken[0].row_id, Outcome.APPLIED),
            Settlement(taken[1].row_id, Outcome.DEAD, "odd"),
        ]
        settle_events(tx, generation=generation, settlements=settled, run_id=RUN, now=NOW)
        hold_deletions(tx, [DeletionToHold(KEY, (taken[2].row_id,))], cause=CAUSE, now=NOW)


def tell(store: Store, name: str) -> History:
    with store.read() as tx:
        (story,) = read_history(tx, name)
    return story


def test_every_column_that_may_hold_a_product_key_was_thought_of() -> None:
    """A new one has to be moved along (`KEYED`), or to be named here with what it holds."""
    others = {
        "alarm": "name text",
        "api_token": "name digest",
        "breaker": "reason",
        "call_lease": "holder kind",
        "catalog_item": "kind parent_key code_key parent code content_hash body above above_key",
        # What an association named, as its answer wrote it: documents are written anew with theirs.
        "catalog_mark": "kind parent_key code_key parent code",
        "door": "state generation run_id run_name predecessor_generation predecessor_run_id "
        "predecessor_run_name",
        "held_deletion": "cause run_id state",
        "inbox_batch": "channel rejected encoding",
        # `resource_key` is moved by its own statement: it is "identifier:…", or the uuid.
        "inbox_event": "event_id action kind resource_key uuid identifier code author author_type "
        "taken_by outcome reason run_id sent_id item_kind item_parent hint",
        "metric": "name labels",
        "platform_notice": "subscription_id kind destination reason",
        "product": "uuid identifier identifier_key family parent parent_key content_hash "
        "source_hash previous_hash",
        "product_change": "op changed cause run_id",
        "product_content": "source document",
        "reference_name": "kind parent_key code_key",
        "refusal": "reason detail",
        "source_fact": "name value",
        "subscription": "id status url problem",
        "subscription_gap": "subscription_id reason cost",
        # Its position, of the list by identifier, is dropped as the move begins.
        "sweep": "name holder position counts",
        # Reports name products by the keys of their time: `why` looks for both.
        "sync_run": "run_id flow cause state report",
        "webhook": "name url secret old_secret state problem holder",
    }
    texts = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, Text) or "Json" in type(column.type).__name__
    }
    known = {(table, name) for table, names in others.items() for name in names.split()}
    assert texts == known | {(column.table.name, column.name) for column in KEYED}


def test_all_that_refers_to_a_product_goes_along_in_one_transaction(store: Store) -> None:
    fill_with_a_story(store)
    before = tell(store, "SKU-1")
    begin(store)
    assert move(store, 1) == {UUID}
    after = tell(store, "SKU-1")
    assert after.product is not None
    assert (after.product.key, after.product.uuid) == (UUID, UUID)
    assert [each.event_id for each in after.events] == ["e3", "e2", "e1", "e0"]
    assert {each.state for each in after.events} == {"applied", "dead", "held", "due"}
    assert [each.op for each in after.changes] == ["moved", "updated", "created"]
    assert [hold.key for hold in after.holds] == [UUID]
    assert after.product.source == (before.product.source if before.product else None)
    assert tell(store, UUID) == after
    with store.read() as tx:
        assert {each.resource_key for each in list_events(tx)} == {UUID}
        assert list_holds(tx)[0].events == 1
        for column in KEYED:
            keys = set(tx.execute(select(column)).scalars())
            # Readers of the feed are told that nothing is under the former key any more.
            told = {KEY} if column.table.name == "product_change" else set()
            assert keys == {UUID, *told}, column


def test_the_read_marks_stay_so_that_the_later_read_still_wins(sqlite: Store) -> None:
    write(sqlite, named(1, 3, 4))
    begin(sqlite)
    move(sqlite, 1)
    assert write(sqlite, called_by_uuid(1, 2, 3, name="old"))[0].written is not Written.UPDATED
    assert write(sqlite, called_by_uuid(1, 5, 6, name="new"))[0].written is Written.UPDATED


def test_a_write_takes_over_what_was_stored_under_the_identifier(store: Store) -> None:
    """A drain needs no sweep before it: what it writes by uuid is no second product."""
    fill_with_a_story(store)
    begin(store)
    (result,) = write(store, called_by_uuid(1, 5, 6, name="new"))
    assert result.written is Written.UPDATED
    ops = [each.op for each in tell(store, "SKU-1").changes]
    assert ops == ["updated", "moved", "updated", "created"]
    with store.read() as tx:
        assert set(read_marks(tx, [KEY, UUID])) == {UUID}
        assert not list_holds(tx)  # seen alive


def test_it_counts_how_far_it_is_and_ends_when_nothing_live_is_left(sqlite: Store) -> None:
    write(sqlite, *(named(n, 1, 2) for n in (1, 2, 3)))
    begin(sqlite)
    move(sqlite, 1)
    move(sqlite, 1)  # again, as after a kill
    with sqlite.read() as tx:
        (alarm,) = list_alarms(tx)
        assert alarm.name == KEYS_ALARM
        assert "1 of 3" in alarm.text
    move(sqlite, 2)
    assert sqlite.run(lambda tx: finish_listing(tx, now=NOW)) == 1
    with sqlite.read() as tx:
        assert read_move(tx)  # SKU-3 may still be shown again
        assert not list_alarms(tx)
    (result,) = write(sqlite, called_by_uuid(3, 5, 6))
    assert result.written is not Written.CREATED
    assert sqlite.run(lambda tx: finish_listing(tx, now=NOW)) == 0
    with sqlite.read() as tx:
        assert read_move(tx) is None
        assert read_facts(tx)["identity"] == Identity.UUID


def test_a_tombstone_goes_along_where_its_identifier_is_shown_again(sqlite: Store) -> None:
    write(sqlite, named(1, 1, 2), named(2, 1, 2))
    gone = ProductRead(KEY, interval(3, 4), None)
    write(sqlite, ProductWrite(gone, announced=True))
    begin(sqlite)
    assert write(sqlite, called_by_uuid(1, 5, 6))[0].written is Written.RESTORED


def test_where_the_uuid_is_stored_already_the_older_row_gives_way_and_its_story_stays(
    store: Store,
) -> None:
    fill_with_a_story(store)
    write(store, named(2, 1, 2))
    begin(store)
    write(store, absent(1, 5, 6))
    move(store, 1)
    story = tell(store, UUID)
    assert [each.op for each in story.changes] == ["moved", "updated", "created"]
    assert story.product is not None
    assert story.product.deleted_at is not None
    with store.read() as tx:
        assert set(read_marks(tx, [KEY, UUID])) == {UUID}
        assert [hold.state for hold in story.past_holds] == ["withdrawn"]
        assert {each.state for each in list_events(tx, state="held")} == set()
        figures = read_metrics(tx, now=NOW).counts
    assert (figures[PRODUCTS, LIVE], figures[PRODUCTS, TOMBSTONE]) == (1, 1)


def test_who_still_writes_under_identifiers_is_refused_and_nothing_is_lost(sqlite: Store) -> None:
    write(sqlite, named(1, 1, 2))
    begin(sqlite)
    with pytest.raises(KeysMoved):
        write(sqlite, named(1, 3, 4, name="late"))
    write(
        sqlite, ProductWrite(ProductRead(KEY, interval(3, 4), None))
    )  # an absence is true of both


def test_sweeps_of_the_list_by_identifier_end_with_the_beginning(sqlite: Store) -> None:
    write(sqlite, named(1, 1, 2))
    name, counts = "products/full", {"products": 1}
    with sqlite.transaction() as tx:
        start = begin_sweep(
            tx, name=name, holder="a", first_number=OrderNumber(1), source_now=NOW, lease=LEASE
        )
        save_position(tx, name=name, holder="a", position="/products?after=1", counts=counts)
    assert isinstance(start, SweepStart)
    begin(sqlite)
    with sqlite.transaction() as tx, pytest.raises(FenceLost):
        save_position(tx, name=name, holder="a", position="/products?after=2", counts=counts)
    with sqlite.read() as tx:
        assert [(each.position, each.running) for each in list_sweeps(tx)] == [(None, False)]


def test_without_a_move_under_way_nothing_is_moved(sqlite: Store) -> None:
    write(sqlite, named(1, 1, 2))
    assert move(sqlite, 1) == set()
    with sqlite.transaction() as tx:
        save_fact(tx, name="identity", value=Identity.UUID, now=NOW)
        begin_move(tx, now=NOW)  # it is so already
        assert read_move(tx) is None
