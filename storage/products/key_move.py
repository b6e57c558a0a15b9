"""The move of product keys to uuids, once the source has begun to call products so.

From the transaction that begins it on, products are keyed by uuid: who still writes one under its
identifier is refused. A row is moved when a read names its uuid, with everything that refers to its
key, in one transaction; so it does not matter who reads it first, or when anybody is killed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    bindparam,
    delete,
    or_,
    select,
    update,
)

from pim.canonical import dump_json, load_json
from pim.ids import ProductKey
from pim.json_types import as_object
from pim.vocabulary import Identity
from storage.catalog import own_catalog
from storage.database import Transaction
from storage.errors import KeysMoved
from storage.figures import count_stored
from storage.inbox import identifier_resource, is_open
from storage.products.changes import record_move
from storage.products.types import Cause, ProductWrite
from storage.references import PLACE, remove_places
from storage.state import clear_alarm, forget_fact, raise_alarm, read_fact, save_fact
from storage.tables import (
    HeldDeletionRow,
    InboxEvent,
    Product,
    ProductChange,
    ProductContent,
    Sweep,
    table_of,
)

KEYS_ALARM = "product-keys"
_CAUSE = Cause("key move")
IDENTITY, _MOVE = "identity", "key move"

_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)
_CHANGE = table_of(ProductChange)
_HOLD = table_of(HeldDeletionRow)
_EVENT = table_of(InboxEvent)
_SWEEP = table_of(Sweep)

KEYED: tuple[Column[Any], ...] = (
    _PRODUCT.c.key,
    _CONTENT.c.key,
    PLACE.c.product_key,
    _CHANGE.c.product_key,
    _HOLD.c.product_key,
)
"""What holds product keys; events are grouped by a name of their own (`_move_events`)."""


@dataclass(frozen=True, slots=True)
class KeyMove:
    """How far the move is; `listed`: the source has listed all, the rest waits for its own read."""

    total: int
    moved: int = 0
    listed: bool = False

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            "the PIM calls its products by uuid now: product keys are moved from identifiers to "
            f"uuids, {self.moved:,} of {self.total:,} are"
        )


def read_move(tx: Transaction) -> KeyMove | None:
    """Read how far the move is; None if there is none under way."""
    fact = read_fact(tx, _MOVE)
    if fact is None:
        return None
    kept = as_object(load_json(fact[0]))
    return KeyMove(int(str(kept["total"])), int(str(kept["moved"])), bool(kept["listed"]))


def begin_move(tx: Transaction, *, now: datetime) -> None:
    """Key products by uuid from now on; those that are stored go over one by one.

    Sweeps under way lose their leases and positions: these are of the list by identifier.
    """
    own_catalog(tx)
    fact = read_fact(tx, IDENTITY)
    if fact is not None and fact[0] == Identity.UUID:
        return
    save_fact(tx, name=IDENTITY, value=Identity.UUID, now=now)
    left = {"holder": None, "lease_until": None, "position": None, "position_at": None}
    tx.execute(update(_SWEEP).where(_SWEEP.c.name.startswith("products/")).values(**left))
    total = _count_left(tx)
    if total:
        _keep(tx, KeyMove(total), now)


def move_keys(
    tx: Transaction, names: Mapping[ProductKey, str], *, now: datetime
) -> set[ProductKey]:
    """Move what is stored under these products' identifiers to their uuids; answers which moved.

    `names`: the identifier that the source shows with each uuid. At most 25 a transaction. Nothing
    is done where no move is under way.
    """
    if not names or read_move(tx) is None:
        return set()
    own_catalog(tx)
    move = read_move(tx)
    by_identifier = {ProductKey(name.casefold()): key for key, name in names.items()}
    rows = _keyed_by_identifier(tx, list(by_identifier))
    if move is None or not rows:
        return set()
    pairs = {ProductKey(row.key): by_identifier[row.key] for row in rows}
    known = select(_PRODUCT.c.key).where(_PRODUCT.c.key.in_(list(pairs.values())))
    stored = set(tx.execute(known).scalars())
    _give_way(tx, [row for row in rows if pairs[row.key] in stored], now)
    _move_rows(tx, pairs)
    _move_events(tx, pairs)
    live = [row.key for row in rows if row.deleted_at is None]
    record_move(tx, {*live, *map(pairs.__getitem__, live)}, cause=_CAUSE, now=now)
    _keep(tx, replace(move, moved=move.moved + len(live)), now)
    return set(pairs.values())


def finish_listing(tx: Transaction, *, now: datetime) -> int:
    """After all that the source lists were read, and the rest asked for: answer how many are left.

    Those are live products whose deletion is held, or that could not be read: they keep their
    identifiers as keys until a read tells. Tombstones do for ever: no uuid was ever known for them.
    """
    move = read_move(tx)
    if move is None:
        return 0
    left = _count_left(tx)
    clear_alarm(tx, name=KEYS_ALARM)
    if left:
        save_fact(tx, name=_MOVE, value=_written(replace(move, listed=True)), now=now)
    else:
        forget_fact(tx, _MOVE)
    return left


def require_identity(tx: Transaction, writes: Sequence[ProductWrite]) -> None:
    """Refuse products under their identifiers where they are keyed by uuid now.

    To be asked when nobody can begin a move any more before the transaction ends.

    Raises:
        KeysMoved: the writer's run began before.
    """
    products = [write.read.product for write in writes if write.read.product is not None]
    if all(product.key == product.uuid for product in products):
        return
    fact = read_fact(tx, IDENTITY)
    if fact is not None and fact[0] == Identity.UUID:
        raise KeysMoved("products are keyed by their uuids since this run began; the next goes on")


def _keep(tx: Transaction, move: KeyMove, now: datetime) -> None:
    save_fact(tx, name=_MOVE, value=_written(move), now=now)
    if not move.listed:
        raise_alarm(tx, name=KEYS_ALARM, text=str(move), now=now)


def _written(move: KeyMove) -> str:
    return dump_json({"total": move.total, "moved": move.moved, "listed": move.listed})


def _is_keyed_by_identifier() -> ColumnElement[bool]:
    return or_(_PRODUCT.c.uuid.is_(None), _PRODUCT.c.uuid != _PRODUCT.c.key)


def _count_left(tx: Transaction) -> int:
    return tx.count_rows(_PRODUCT.c.deleted_at.is_(None) & _is_keyed_by_identifier())


def _keyed_by_identifier(tx: Transaction, keys: Sequence[ProductKey]) -> list[Row[Any]]:
    rows = select(_PRODUCT.c.key, _PRODUCT.c.deleted_at).where(
        _PRODUCT.c.key.in_(keys), _is_keyed_by_identifier()
    )
    return list(tx.execute(rows.order_by(_PRODUCT.c.key)))


def _give_way(tx: Transaction, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Where the uuid has a row already, that is the later state: the other one's story joins it."""
    keys = [row.key for row in rows]
    if not keys:
        return
    remove_places(tx, keys)
    for column in (_PRODUCT.c.key, _CONTENT.c.key):
        tx.execute(delete(column.table).where(column.in_(keys)))
    waiting = (_HOLD.c.state == "waiting", _HOLD.c.product_key.in_(keys))
    withdrawn = update(_HOLD).where(*waiting).values(state="withdrawn", decided_at=now)
    ids = tx.execute(withdrawn.returning(_HOLD.c.id)).scalars().all()
    tx.execute(update(_EVENT).where(_EVENT.c.hold_id.in_(ids)).values(hold_id=None))
    live = sum(row.deleted_at is None for row in rows)
    count_stored(tx, live=-live, tombstones=live - len(rows))


def _move_rows(tx: Transaction, pairs: Mapping[ProductKey, ProductKey]) -> None:
    values = [{"was": was, "now": now} for was, now in sorted(pairs.items())]
    for column in KEYED:
        changed: dict[str, Any] = {column.name: bindparam("now")}
        if column is _PRODUCT.c.key:
            changed["uuid"] = bindparam("now")
        tx.execute(update(column.table).where(column == bindparam("was")).values(changed), values)


def _move_events(tx: Transaction, pairs: Mapping[ProductKey, ProductKey]) -> None:
    """Events that name a product by its identifier alone, each kind by its own partial index."""
    values = [{"was": identifier_resource(was), "now": now} for was, now in sorted(pairs.items())]
    resource = _EVENT.c.resource_key
    moved = update(_EVENT).where(resource == bindparam("was")).values(resource_key=bindparam("now"))
    for kind in (_EVENT.c.outcome.is_not(None), is_open(), _EVENT.c.hold_id.is_not(None)):
        tx.execute(moved.where(kind), values)
