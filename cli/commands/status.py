"""`akeneo-sync status`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.attention import list_attention
from cli.context import read_settings
from cli.cures import cure_of_refusal
from cli.output import (
    add_row,
    open_console,
    open_table,
    print_json,
    printable,
    say_ago,
    say_instant,
)
from cli.status_json import status_object
from cli.status_lines import (
    describe_drain,
    describe_inbox,
    describe_made_up,
    describe_products,
    describe_refusals,
    describe_source,
    describe_unfilled,
)
from cli.store import opened_store
from storage import Store, StoreError
from storage.condition import try_write
from storage.status import Status, read_status
from storage.sweeps import SweepView

_PATIENCE = timedelta(seconds=2)  # a lock that lasts longer keeps deliveries waiting, too


def run(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, keys stable.")] = False,
) -> None:
    """Show the overview, read in one snapshot, and whether the store takes a write now."""
    settings = read_settings()
    now = datetime.now(UTC)
    with opened_store(settings, patience=_PATIENCE) as store:
        unwritable = _try_write(store)
        with store.read() as tx:
            status = read_status(tx, now=now, unwritable=unwritable)
    if as_json:
        print_json(status_object(status))
    else:
        show_status(open_console(), status, now=now, where=settings.database_label)


def _try_write(store: Store) -> str | None:
    """Try the store as `/readyz` does; say why it takes no write, or None."""
    try:
        try_write(store)
    except StoreError as error:
        return str(error)
    return None


def show_status(console: Console, status: Status, *, now: datetime, where: str) -> None:
    """Print the overview: what needs a person first."""
    console.print(_attention_table(status, now))
    console.print(_overview_table(status, now, where))
    for refusals in status.refusals:
        made_up = describe_made_up(status, refusals, now=now)
        console.print(printable(describe_refusals(refusals, now=now) + made_up))
        console.print(f"  -> {cure_of_refusal(refusals.reason)}")
    console.print(_sweeps_table(status, now))


def _attention_table(status: Status, now: datetime) -> Table | str:
    items = list_attention(status)
    if not items:
        return describe_unfilled(status, now=now) or "nothing needs a person"
    table = open_table("since", "what", "what to do", title="Needs a person")
    for item in items:
        since = say_instant(item.since, now=now) if item.since else ""
        add_row(table, since, item.text, item.advice)
    return table


def _overview_table(status: Status, now: datetime, where: str) -> Table:
    heard = status.inbox.last_received_at
    settled = ", ".join(f"{count:,} {outcome}" for outcome, count in status.outcomes.items())
    table = open_table("", "now")
    add_row(table, "inbox", describe_inbox(status))
    add_row(table, "drain", describe_drain(status, now=now))
    add_row(table, "PIM", describe_source(status, now=now))
    add_row(table, "products", describe_products(status))
    unfilled = describe_unfilled(status, now=now)
    if unfilled:
        add_row(table, "first full sweep", unfilled)
    add_row(table, "last event", say_ago(heard, now=now) if heard else "none yet")
    add_row(table, "settled in the last hour", settled or "none")
    add_row(table, "store", where)
    return table


def _sweeps_table(status: Status, now: datetime) -> Table | str:
    if not status.sweeps:
        return "no sweep has run yet: `akeneo-sync reconcile --full` fills the store"
    table = open_table("sweep", "state", "seen up to (watermark)", "counts")
    for sweep in status.sweeps:
        watermark = say_instant(sweep.watermark, now=now) if sweep.watermark else ""
        counts = ", ".join(f"{count:,} {name}" for name, count in sweep.counts.items() if count)
        add_row(table, sweep.name, _describe_sweep(sweep, now), watermark, counts)
    return table


def _describe_sweep(sweep: SweepView, now: datetime) -> str:
    if sweep.running:
        return "running"
    if sweep.position is not None:
        return "stopped; the next run goes on from there"
    return f"done {say_ago(sweep.finished_at, now=now)}" if sweep.finished_at else "never finished"
