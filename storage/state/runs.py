"""The history of runs, with their reports."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from pim.ids import RunId
from pim.json_types import JsonObject
from storage.database import Transaction, read_object, write_json
from storage.figures import count_run
from storage.tables import SyncRunRow, table_of

_RUN = table_of(SyncRunRow)
STOOD_BY = "stood-by"
_RECENT = 200  # deltas come every ten minutes: the full one of last night is among them


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One finished or running run. `state`: running, done, failed, stood-by."""

    id: int
    run_id: RunId
    flow: str
    cause: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    report: JsonObject = field(default_factory=dict)


def start_run(
    tx: Transaction,
    *,
    run_id: RunId,
    flow: str,
    cause: str,
    now: datetime,
    asked: JsonObject | None = None,
) -> int:
    """Record that a run began, and what it was asked for; answers its row id."""
    row = {"run_id": run_id, "flow": flow, "cause": cause, "started_at": now}
    report = write_json(asked or {})
    begun = insert(_RUN).values(**row, state="running", report=report).returning(_RUN.c.id)
    return int(tx.execute(begun).scalar_one())


def claim_run(
    tx: Transaction, *, run_id: RunId, flow: str, cause: str, now: datetime, not_within: timedelta
) -> int | datetime:
    """Record that a run began, unless another of its flow began within that time.

    Answers the row id, or when the other one began. A run that failed does not count.
    """
    tx.queue_for(f"run of {flow}")
    newest = (
        select(_RUN.c.started_at)
        .where(_RUN.c.flow == flow, _RUN.c.state != "failed")
        .order_by(_RUN.c.id.desc())
        .limit(1)
    )
    other: datetime | None = tx.execute(newest).scalar_one_or_none()
    if other is not None and other > now - not_within:
        return other
    return start_run(tx, run_id=run_id, flow=flow, cause=cause, now=now)


def finish_run(
    tx: Transaction, *, row_id: int, state: str, report: JsonObject, now: datetime
) -> None:
    """Record how a run ended, with its report."""
    ended = {"state": state, "report": write_json(report), "finished_at": now}
    recorded = update(_RUN).where(_RUN.c.id == row_id).values(**ended)
    run = tx.execute(recorded.returning(_RUN.c.flow, _RUN.c.started_at)).one()
    count_run(tx, flow=run.flow, state=state, seconds=(now - run.started_at).total_seconds())


def list_runs(tx: Transaction, *, flow: str | None = None, limit: int = 20) -> list[SyncRun]:
    """List runs, newest first."""
    statement = select(_RUN).order_by(_RUN.c.id.desc()).limit(limit)
    if flow is not None:
        statement = statement.where(_RUN.c.flow == flow)
    return [
        SyncRun(
            id=row.id,
            run_id=RunId(row.run_id),
            flow=row.flow,
            cause=row.cause,
            state=row.state,
            started_at=row.started_at,
            finished_at=row.finished_at,
            report=read_object(row.report),
        )
        for row in tx.execute(statement)
    ]


def count_killed(tx: Transaction, *, run_id: str, before: int) -> int:
    """Count earlier lives of a run, before this row of it, whose process ended before they did."""
    lives = (_RUN.c.run_id == run_id) & (_RUN.c.state == "running")
    return tx.count_rows(lives & (_RUN.c.id < before))


def read_asked(tx: Transaction, run_id: str) -> JsonObject:
    """Read what a run was asked for, or its report once it has ended; empty if it is unknown."""
    newest = select(_RUN.c.report).where(_RUN.c.run_id == run_id).order_by(_RUN.c.id.desc())
    text: str | None = tx.execute(newest.limit(1)).scalar_one_or_none()
    return {} if text is None else read_object(text)


def is_full_left_undone(tx: Transaction, *, flow: str) -> bool:
    """Tell whether the newest full reconcile should be made up for, now that the source is back.

    It failed, or stood by because the source was away; one that left the work to another run says
    nothing of how that went.
    """
    ended = [run for run in list_runs(tx, flow=flow, limit=_RECENT) if run.state != "running"]
    wanted = {"mode": "full", "dry_run": False}
    full = [run for run in ended if {name: run.report.get(name) for name in wanted} == wanted]
    told = [run for run in full if run.state != STOOD_BY or run.report.get("source_away") is True]
    return bool(told) and told[0].state in ("failed", STOOD_BY)
