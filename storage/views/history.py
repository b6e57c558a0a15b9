"""Histories: all that is known about one product, as `why KEY` shows it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select

from pim.ids import ProductKey, RunId
from pim.json_types import JsonObject, as_list, as_object, as_text
from pim.product import find_oddities
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Outcome
from storage.catalog import load_snapshot
from storage.database import Transaction, read_object
from storage.inbox import ListedEvent, identifier_resource, is_open, select_events
from storage.products import (
    Change,
    HeldDeletion,
    change_of,
    find_descendants,
    find_holds,
    find_past_holds,
)
from storage.tables import InboxEvent, Product, ProductChange, ProductContent, SyncRunRow, table_of

_EVENT = table_of(InboxEvent)
_MOST_NAMED = 1000
_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)
_CHANGE = table_of(ProductChange)

_RUN = table_of(SyncRunRow)
_RECENT = 200  # runs: a day of deltas, and with them the full one of last night


@dataclass(frozen=True, slots=True)
class ProductState:
    """The stored row; of a tombstone, `source` is the last one seen."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    family: str | None
    parent: str | None
    updated: datetime | None
    content_hash: str | None
    deleted_at: datetime | None
    read_from: int
    read_to: int
    read_at: datetime
    written_at: datetime
    catalog_version: int
    source: JsonObject | None
    document: JsonObject | None

    @property
    def oddities(self) -> tuple[str, ...]:
        """What is odd about it, each in one line: it cost only itself."""
        return find_oddities(self.source or {}, self.document or {}) if self.source else ()


@dataclass(frozen=True, slots=True)
class ModelState:
    """What the mirror knows of a product model, and how many live variants hang below it."""

    code: str
    parent: str | None
    variants: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A run that is named by a product's story, reports it, or compared all products.

    `drift`: how it found the product to differ; `failed`: why it could not be read. Reports list
    the first fifty only: None may mean that more differed.
    """

    run_id: RunId
    flow: str
    mode: str
    dry_run: bool
    state: str
    started_at: datetime
    finished_at: datetime | None
    drift: str | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """One product's story, or a model's; events and changes newest first.

    `kin`: the events of the models that a variant inherits from. `holds` wait for a person;
    `past_holds` were decided. `sightings`: reconciles, oldest first.
    """

    product: ProductState | None
    events: tuple[ListedEvent, ...]
    changes: tuple[Change, ...]
    holds: tuple[HeldDeletion, ...]
    past_holds: tuple[HeldDeletion, ...] = ()
    kin: tuple[ListedEvent, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    model: ModelState | None = None


def read_history(tx: Transaction, key: str, *, limit: int = 100) -> list[History]:
    """Tell the story of every product, tombstones too, and of the model that `key` names.

    It is a uuid, an identifier or a model's code, compared casefolded. Empty if nothing is known;
    a story without a product or model if only events are.
    """
    name = key.strip().casefold()
    rows = tx.execute(
        select(_PRODUCT, _CONTENT.c.source, _CONTENT.c.document)
        .outerjoin(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
        .where(or_(_PRODUCT.c.key == name, _PRODUCT.c.identifier_key == name))
        .order_by(_PRODUCT.c.deleted_at.is_not(None), _PRODUCT.c.key)
    ).all()
    found = [_history(tx, row, limit) for row in rows]
    model = _find_model(tx, key.strip())
    resources = [] if rows else [name, identifier_resource(name), *_find_named(tx, key.strip())]
    events = _events(tx, [*resources, f"model:{name}"], [], limit)
    if model is not None or (events and not rows):
        runs = {event.run_id for event in events if event.run_id is not None}
        sightings = read_sightings(tx, [], runs) if runs else ()
        found.append(History(None, events, (), (), sightings=sightings, model=model))
    return found


def _find_model(tx: Transaction, code: str) -> ModelState | None:
    reference = Reference(CatalogKind.PRODUCT_MODEL, "", code)
    body = load_snapshot(tx, [reference]).get(CatalogKind.PRODUCT_MODEL, "", code)
    if body is None:
        return None
    return ModelState(
        code=as_text(body.get("code")) or code,
        parent=as_text(body.get("parent")),
        variants=len(find_descendants(tx, code)),
    )


def _find_named(tx: Transaction, identifier: str) -> set[str]:
    """The products that open events and dead letters call so, though none is stored.

    Settled events are many, and no index knows their identifiers; those of a product that was
    never stored are nearly all dead letters.
    """
    called = or_(
        _EVENT.c.identifier == identifier,
        func.lower(_EVENT.c.identifier) == identifier.lower(),
    )
    found: set[str] = set()
    for state in (is_open(), _EVENT.c.outcome == Outcome.DEAD):
        keys = select(_EVENT.c.resource_key).where(called, state).limit(_MOST_NAMED)
        found.update(key for key in tx.execute(keys).scalars() if key is not None)
    return found


def _history(tx: Transaction, row: Row[Any], limit: int) -> History:
    resources = [name for name in (row.key, row.uuid) if name is not None]
    if row.identifier is not None:
        resources.append(identifier_resource(row.identifier))
    holds = find_holds(tx, row.key)
    product = _state(row)
    events = _events(tx, resources, [hold.id for hold in holds], limit)
    changes = _changes(tx, row.key, limit)
    # Before the source knew uuids, its reports named it by its identifier.
    names = [key for key in (row.key, row.identifier_key) if key is not None]
    runs = [*(e.run_id for e in events), *(c.run_id for c in changes), *(h.run_id for h in holds)]
    return History(
        product=product,
        events=events,
        changes=changes,
        holds=tuple(holds),
        past_holds=tuple(find_past_holds(tx, row.key)),
        kin=_events(tx, _models_of(product), [], limit) if product.parent else (),
        sightings=read_sightings(tx, names, {run_id for run_id in runs if run_id is not None}),
    )


def _models_of(product: ProductState) -> list[str]:
    codes = (product.parent, as_text((product.document or {}).get("root")))
    return sorted({f"model:{code.casefold()}" for code in codes if code})


def _events(
    tx: Transaction, resources: Collection[str], holds: Collection[int], limit: int
) -> tuple[ListedEvent, ...]:
    # One question per partial index: settled, open, held.
    about = _EVENT.c.resource_key.in_(resources)
    found = [
        *select_events(tx, about & _EVENT.c.outcome.is_not(None), limit=limit),
        *select_events(tx, about & is_open(), limit=limit),
        *select_events(tx, _EVENT.c.hold_id.in_(holds), limit=limit),
    ]
    found.sort(key=lambda event: -event.number)
    return tuple(found[:limit])


def _changes(tx: Transaction, key: str, limit: int) -> tuple[Change, ...]:
    statement = (
        select(_CHANGE)
        .where(_CHANGE.c.product_key == key)
        .order_by(_CHANGE.c.seq.desc())
        .limit(limit)
    )
    return tuple(change_of(row) for row in tx.execute(statement))


def _state(row: Row[Any]) -> ProductState:
    return ProductState(
        key=row.key,
        uuid=row.uuid,
        identifier=row.identifier,
        family=row.family,
        parent=row.parent,
        updated=row.updated,
        content_hash=row.content_hash,
        deleted_at=row.deleted_at,
        read_from=row.read_from,
        read_to=row.read_to,
        read_at=row.read_at,
        written_at=row.written_at,
        catalog_version=row.catalog_version,
        source=None if row.source is None else read_object(row.source),
        document=None if row.document is None else read_object(row.document),
    )


def read_sightings(
    tx: Transaction, keys: Collection[ProductKey], named: Collection[RunId]
) -> tuple[Sighting, ...]:
    """Read the runs that a story needs, oldest first: the `named` ones, and recent ones of `keys`.

    A product may have had another key when a report was written.

    Of those that compared everything and found nothing to say about the product, the newest only.
    """
    newest = select(_RUN.c.id).order_by(_RUN.c.id.desc()).limit(_RECENT)
    wanted = or_(_RUN.c.run_id.in_(sorted(named)), _RUN.c.id.in_(newest))
    rows = tx.execute(select(_RUN).where(wanted).order_by(_RUN.c.id))
    found = [_sighting(row, keys) for row in rows]
    quiet = [
        each for each in found if (each.mode, each.state) == ("full", "done") and not each.dry_run
    ]
    return tuple(
        each
        for each in found
        if each.run_id in named or each.drift or each.failed or each in quiet[-1:]
    )


def _sighting(row: Row[Any], keys: Collection[ProductKey]) -> Sighting:
    report = read_object(row.report)
    return Sighting(
        run_id=RunId(row.run_id),
        flow=row.flow,
        mode=as_text(report.get("mode")) or "",
        dry_run=report.get("dry_run") is True,
        state=row.state,
        started_at=row.started_at,
        finished_at=row.finished_at,
        drift=next(_told(report, "listed", keys, "drift"), None),
        failed=next(_told(report, "failed", keys, "reason"), None),
    )


def _told(report: JsonObject, part: str, keys: Collection[ProductKey], name: str) -> Iterator[str]:
    for each in map(as_object, as_list(report.get(part))):
        if each.get("key") in keys:
            yield as_text(each.get(name)) or ""
