"""Hot statements never walk a table that grows: work stays the same as years of history pile up.

Each is explained on both databases; an end-to-end walk of a large table fails the test.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from pim.document import Narrowing
from pim.ids import Generation, OrderNumber, ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Outcome
from storage import Store
from storage.catalog import (
    Mark,
    finish_mark,
    finish_marks,
    has_done_marks,
    list_users_behind,
    load_snapshot,
    open_marks,
)
from storage.database.store import Transaction
from storage.inbox import is_due
from storage.inbox.deliveries import SourceChange, list_deliveries, list_told
from storage.inbox.door import open_door, read_drain_need, reopen_door
from storage.inbox.due_events import count_due_products, take_chunk
from storage.inbox.listed_events import list_events, replay_events
from storage.inbox.settling import EventRowId, Settlement, give_back_all, settle_events
from storage.products import find_descendants, find_keys, read_marks, write_products
from storage.products.changes import read_changes
from storage.products.compare import compare_page, touch_unchanged
from storage.products.holds import count_allowed_deletions, list_holds
from storage.products.key_move import move_keys
from storage.products.neighbours import list_announced, list_neighbours
from storage.products.reading import list_dated_products
from storage.products.referrers import list_referred, list_referrers
from storage.products.rendering import read_renderings
from storage.retention import (
    drop_bodies,
    read_raw_bodies,
    remove_batches,
    remove_changes,
    remove_events,
    remove_runs,
)
from storage.state.source import save_fact
from storage.views.history import read_history
from storage.views.metrics import read_metrics
from storage.views.shop import list_shop_products
from tests.integration.storage.plans import explain, scans
from tests.store_builders import (
    CAUSE,
    FAMILY,
    LEASE,
    NOW,
    RUN,
    absent,
    at,
    body_of,
    deliver,
    live,
    make_event,
    open_drain,
    read_of,
    uuid_of,
    write,
)

Work = Callable[[Transaction], object]

DRAIN = Generation("drain-1")
KEYS = [ProductKey(uuid_of(n)) for n in range(30)]
RED = Reference(CatalogKind.OPTION, "colour", "red")
MARK = Mark(RED, version=2, removed=False, number=OrderNumber(2))
READS = [read_of(body_of(n), 900_001, 900_002) for n in range(30)]


def move_some_keys(tx: Transaction) -> None:
    """As where these products were stored before their source knew uuids."""
    save_fact(tx, name="key move", value='{"total":30,"moved":0,"listed":false}', now=NOW)
    tx.execute(
        text("UPDATE product SET uuid = NULL WHERE key IN (:a, :b)"), {"a": KEYS[0], "b": KEYS[1]}
    )
    names = {ProductKey(uuid_of(9000 + n)): str(key) for n, key in enumerate(KEYS[:2])}
    assert len(move_keys(tx, names, now=NOW)) == 2


HOT: dict[str, Work] = {
    "take a chunk": lambda tx: take_chunk(tx, generation=DRAIN, max_attempts=5),
    "count due products": lambda tx: count_due_products(tx, generation=DRAIN),
    "count due events": lambda tx: tx.count_rows(is_due(tx)),
    "drain need": read_drain_need,
    "open the door": lambda tx: open_door(
        tx, generation=DRAIN, run_id=RUN, run_name="x", lease=LEASE
    ),
    "reopen the door": lambda tx: reopen_door(
        tx, generation=DRAIN, successor=Generation("x"), lease=LEASE
    ),
    "settle": lambda tx: settle_events(
        tx,
        generation=DRAIN,
        settlements=[Settlement(EventRowId(n), Outcome.APPLIED) for n in range(1, 30)],
        run_id=RUN,
        now=NOW,
    ),
    "give all back": lambda tx: give_back_all(tx, generation=DRAIN),
    "read marks": lambda tx: read_marks(tx, KEYS),
    "find keys": lambda tx: find_keys(tx, ["a", "b", "c"]),
    "shop's products of a category": lambda tx: list_shop_products(
        tx, narrowing=Narrowing(categories=frozenset({"desk"}), families=frozenset({"lamps"}))
    ),
    "find descendants": lambda tx: find_descendants(tx, "arc"),
    "write products": lambda tx: write_products(
        tx,
        [*(live(body_of(n, name="new"), 900_001, 900_002) for n in range(25)), absent(27, 9, 9)],
        cause=CAUSE,
        now=NOW,
    ),
    "move keys": move_some_keys,
    "list told": lambda tx: list_told(
        tx, [SourceChange(key, "a", NOW) for key in KEYS], since=dict.fromkeys(KEYS, NOW)
    ),
    "list deliveries": lambda tx: list_deliveries(tx, since=at(0)),
    "list neighbours": lambda tx: list_neighbours(tx, KEYS[3], without=KEYS[3:9], limit=60),
    "list announced": lambda tx: list_announced(tx, KEYS[3:9]),
    "list dated products": lambda tx: list_dated_products(tx, before=at(0), limit=3),
    "compare a page": lambda tx: compare_page(tx, READS),
    "touch a page": lambda tx: touch_unchanged(tx, READS),
    "load a snapshot": lambda tx: load_snapshot(tx, [RED, MARK.item]),
    "open marks": open_marks,
    "users behind a mark": lambda tx: list_users_behind(tx, MARK, after=KEYS[0]),
    "finish a mark": lambda tx: finish_mark(tx, MARK),
    "finish marks": finish_marks,
    "finish marks of a kind": lambda tx: finish_marks(tx, [CatalogKind.PRODUCT]),
    "marks that are done": has_done_marks,
    "marks with referrers": lambda tx: list_referred(tx, [CatalogKind.PRODUCT]),
    "referrers": lambda tx: list_referrers(tx, [MARK], after=KEYS[0]),
    "read renderings": lambda tx: read_renderings(tx, KEYS),
    "read changes": lambda tx: read_changes(tx, after=5),
    "why": lambda tx: read_history(tx, uuid_of(1)),
    "why of nobody": lambda tx: read_history(tx, "nobody"),
    "list dead letters": lambda tx: list_events(tx, state=Outcome.DEAD),
    "replay dead letters": replay_events,
    "list holds": list_holds,
    "metrics": lambda tx: read_metrics(tx, now=NOW),
    "read raw bodies": lambda tx: read_raw_bodies(tx, older_than=at(-9)),
    "drop bodies": lambda tx: drop_bodies(tx, older_than=at(-9)),
    "remove events": lambda tx: remove_events(tx, older_than=at(-9)),
    "remove batches": lambda tx: remove_batches(tx, older_than=at(-9)),
    "remove changes": lambda tx: remove_changes(tx, older_than=at(-9)),
    "remove runs": lambda tx: remove_runs(tx, older_than=at(-9)),
}

_SERIES = {
    True: "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000)"
    " SELECT n FROM s)",
    False: "generate_series(1, 5000) AS s(n)",
}


@pytest.fixture
def full_store(store: Store) -> Store:
    """Much settled history, few due events, some products."""
    write(
        store,
        *(live(body_of(n, identifier=f"i{n}"), 1, 2, references=named_by(n)) for n in range(300)),
    )
    for _ in range(60):
        deliver(store)
    with store.transaction() as tx:
        tx.execute(text(_HISTORY.format(series=_SERIES[store.is_sqlite])), {"now": NOW_TEXT})
    deliver(store, *(make_event(n % 20, event_id=f"due-{n}") for n in range(40)))
    open_drain(store, DRAIN)
    with store.transaction() as tx:
        tx.execute(text("ANALYZE"))
    return store


def named_by(product: int) -> frozenset[Reference]:
    """So many names that walking their table is no way to find one."""
    colours = (f"colour-{(7 * product + n) % 500}" for n in range(20))
    return frozenset({FAMILY, *(Reference(CatalogKind.OPTION, "colour", each) for each in colours)})


NOW_TEXT = "2026-11-23 12:00:00.000000"
_HISTORY = """
INSERT INTO inbox_event (event_id, batch_id, number, received_at, kind, removed, resource_key,
                         attempts, outcome, settled_at)
SELECT 'old-' || n, (SELECT max(id) FROM inbox_batch), n, :now, 'product', 1 = 0, 'key-' || n,
       1, CASE WHEN n % 50 = 0 THEN 'dead' ELSE 'applied' END, :now
FROM {series}
"""


def test_no_hot_statement_walks_a_table_that_grows(full_store: Store) -> None:
    walks = {name: scans(full_store, work) for name, work in HOT.items()}
    assert {name: lines for name, lines in walks.items() if lines} == {}


def test_what_is_due_is_found_by_its_own_index(full_store: Store) -> None:
    for name in ("take a chunk", "drain need", "count due events", "give all back"):
        plans = explain(full_store, HOT[name])
        assert any("ix_inbox_event_due" in line for line in plans), plans


def test_the_allowance_counts_only_deletions(full_store: Store) -> None:
    """It counts all products besides: rarely asked, and only where something was found absent."""
    plans = explain(full_store, lambda tx: count_allowed_deletions(tx, now=NOW, share=0.01))
    assert any("ix_product_change_deleted" in line for line in plans), plans


def test_a_walk_is_noticed(full_store: Store) -> None:
    sql = text("SELECT count(author) FROM inbox_event WHERE author = 'nobody'")
    assert scans(full_store, lambda tx: tx.execute(sql)) != []
