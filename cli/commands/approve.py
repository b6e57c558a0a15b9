"""`akeneo-sync approve`."""

import asyncio
from typing import Annotated

import typer

from cli.guard import CommandError
from cli.opening import opened_store, read_settings
from cli.output import add_row, can_ask, open_console, open_table, say_count
from cli.views import choose_holds
from flows.approval import ApprovalReport, approve_deletions
from pim.ids import ProductKey
from settings import Settings
from storage.products import HeldDeletion, list_holds


def run(
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Which products: uuid or identifier."),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All held deletions.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Keep the products instead.")] = False,
) -> None:
    """Decide on held deletions, or list them and ask."""
    if keys and every:
        raise typer.BadParameter("name products, or say --all, not both")
    settings = read_settings()
    with opened_store(settings) as store, store.read() as tx:
        holds = list_holds(tx)
    if not holds and not keys:
        typer.echo("no deletion is held")
        return
    chosen = choose_holds(holds, keys or [])
    if every or (not chosen and _ask(holds, reject=reject)):
        chosen = list(dict.fromkeys(hold.key for hold in holds))
    if chosen:
        _decide(settings, chosen, reject=reject)


def _ask(holds: list[HeldDeletion], *, reject: bool) -> bool:
    """Show what is held; True if a person is there and says yes."""
    table = open_table("held since", "product", "key", "found by", "events", title="Held deletions")
    for hold in holds:
        since = hold.held_at.astimezone().isoformat(sep=" ", timespec="minutes")
        add_row(table, since, hold.identifier or "", hold.key, hold.cause, str(hold.events))
    open_console().print(table)
    if not can_ask():
        typer.echo("decide with KEY... or --all; --reject keeps the products", err=True)
        return False
    products = say_count(len({hold.key for hold in holds}), "product")
    if reject:
        return typer.confirm(f"Keep {products}?")
    return typer.confirm(f"Delete {products}, unless the PIM shows them again?")


def _decide(settings: Settings, keys: list[ProductKey], *, reject: bool) -> None:
    report = asyncio.run(approve_deletions(settings, keys, reject=reject))
    for line in describe_approval(report):
        typer.echo(line)
    if report.failed:
        key, reason = report.failed[0]
        failed = say_count(len(report.failed), "product")
        raise CommandError(f"{failed} could not be read and stay held, first {key}: {reason}")


def describe_approval(report: ApprovalReport) -> list[str]:
    """Return a line for each thing that became of the held deletions."""
    lines = []
    if report.deleted:
        lines.append(f"{say_count(len(report.deleted), 'product')} deleted")
    if report.still_there:
        lines.append(
            f"{say_count(len(report.still_there), 'product')} found in the PIM again: "
            "not deleted, brought up to date"
        )
    if report.kept:
        lines.append(f"{say_count(len(report.kept), 'product')} kept; nothing was deleted")
    return lines
