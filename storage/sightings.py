"""What reconciles have had to do with one product, as their reports tell."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from pim.ids import ProductKey, RunId
from pim.json_types import JsonObject, as_list, as_object, as_text
from storage.engine import Transaction
from storage.statements import read_object
from storage.tables import SyncRunRow, table_of

_RUN = table_of(SyncRunRow)
_RECENT = 200  # runs: a day of deltas, and with them the full one of last night


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
    quiet = [each for each in found if _compared_everything(each)]
    return tuple(
        each
        for each in found
        if each.run_id in named or each.drift or each.failed or each in quiet[-1:]
    )


def _compared_everything(run: Sighting) -> bool:
    return run.mode == "full" and run.state == "done" and not run.dry_run


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
