"""`akeneo-sync reconcile`."""

from typing import Annotated

import typer

from cli.guard import DONE, DRIFT_FOUND, NOT_DONE, say_lines
from cli.opening import read_settings
from cli.output import open_console, parse_key, print_json, say_count
from cli.run_reconcile import reconcile_here
from cli.views import ReconcileView, read_report, show_report
from flows.sweeps import ReconcileRequest


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


def _ending(view: ReconcileView, *, dry_run: bool) -> int:
    if dry_run and view.has_drift:
        return DRIFT_FOUND
    if view.failed:
        say_lines([f"{say_count(len(view.failed), 'product')} could not be read"])
        return NOT_DONE
    return DONE
