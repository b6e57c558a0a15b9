"""`akeneo-sync reconcile`."""

from typing import Annotated

import typer
from rich.console import Console

from cli.context import read_settings
from cli.guard import DONE, DRIFT_FOUND, NOT_DONE, say_lines
from cli.output import (
    add_row,
    open_console,
    open_table,
    parse_key,
    print_json,
    printable,
    say_count,
)
from cli.reconcile_view import ReconcileView, closing_lines, drift_rows, read_report
from cli.reconciling import reconcile_here
from flows.sweeping import ReconcileRequest


def run(
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Everything, not only what changed since the last one.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="KEY",
            callback=parse_key,
            help="One product (uuid or identifier), or a model and its variants (code).",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compare, and repair nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The report as one JSON object, keys stable.")
    ] = False,
) -> int:
    """Reconcile here and now, and print the report."""
    if full and key is not None:
        raise typer.BadParameter("--full is about everything and --key about one product")
    request = ReconcileRequest(full=full, key=key, dry_run=dry_run)
    done = reconcile_here(read_settings(), request)
    view = read_report(done.report)
    if as_json:
        print_json(done.report)
    else:
        show_report(open_console(), view, remark=done.remark)
    return _ending(view, dry_run=dry_run)


def show_report(console: Console, view: ReconcileView, *, remark: str | None = None) -> None:
    """Print what differed, and what was done about it."""
    console.print(printable(view.summary), style="bold")
    rows = drift_rows(view)
    if rows:
        table = open_table("drift", "found", "meaning")
        for row in rows:
            add_row(table, *row)
        console.print(table)
    for line in [*closing_lines(view), *([remark] if remark else [])]:
        console.print(printable(line))


def _ending(view: ReconcileView, *, dry_run: bool) -> int:
    if dry_run and view.has_drift:
        return DRIFT_FOUND
    if view.failed:
        say_lines([f"{say_count(len(view.failed), 'product')} could not be read"])
        return NOT_DONE
    return DONE
