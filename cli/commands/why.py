"""`akeneo-sync why KEY`."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.context import read_settings
from cli.guard import CommandError
from cli.next_steps import list_next_steps
from cli.output import (
    MOST_ROWS,
    add_row,
    open_console,
    open_table,
    print_json,
    printable,
    quoted,
    say_ago,
)
from cli.store import opened_store
from cli.timeline import build_timeline
from cli.why_json import why_object
from storage.breaker import read_breaker
from storage.history import History, ProductState, read_history


def run(
    key: Annotated[str, typer.Argument(help="A uuid or an identifier, in upper or lower case.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, keys stable.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=MOST_ROWS, help="Newest events and changes shown.")
    ] = 100,
) -> None:
    """Tell a product's story, or those of all products of that identifier."""
    settings = read_settings()
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        histories = read_history(tx, key.strip(), limit=limit)
        breaker = read_breaker(tx)
    if not histories:
        raise CommandError(
            f"no product, tombstone or event has the uuid or identifier {quoted(key.strip())} in "
            f"{settings.database_label}; `akeneo-sync reconcile --key` asks the PIM for it"
        )
    stories = [(item, list_next_steps(item, breaker, now=now)) for item in histories]
    if as_json:
        print_json(why_object(key, stories))
        return
    console = open_console()
    if len(stories) > 1:
        console.print(f"{len(stories)} products are known by {quoted(key)}:\n")
    for history, steps in stories:
        show_story(console, history, steps, asked=key, now=now)


def show_story(
    console: Console, history: History, steps: list[str], *, asked: str, now: datetime
) -> None:
    """Print what the product is now, how it came to be so, and what happens next."""
    product = history.product
    title = asked if product is None else (product.identifier or product.key)
    console.print(printable(title), style="bold")
    for line in _describe_product(product, now):
        console.print(f"  {printable(line)}")
    console.print(_timeline_table(history))
    console.print("What happens next:")
    for step in steps:
        console.print(f"  - {printable(step)}")
    console.print()


def _describe_product(product: ProductState | None, now: datetime) -> list[str]:
    if product is None:
        return ["not in the store; only events are known"]
    deleted = product.deleted_at
    state = "live" if deleted is None else f"deleted, found so {say_ago(deleted, now=now)}"
    updated = product.updated.isoformat() if product.updated else "unknown"
    kin = [f"family {product.family}" if product.family else "no family"]
    kin += [f"variant of {product.parent}"] if product.parent else []
    return [
        f"{state}; {', '.join(kin)}",
        f"key {product.key}; uuid {product.uuid or 'none'}",
        f"changed in the PIM {updated}, read {say_ago(product.read_at, now=now)}",
    ]


def _timeline_table(history: History) -> Table | str:
    moments = build_timeline(history)
    if not moments:
        return "  no event or change is kept any more"
    table = open_table("when", "what", "", "run")
    for moment in moments:
        when = moment.at.astimezone().isoformat(sep=" ", timespec="seconds")
        add_row(table, when, moment.kind, moment.text, (moment.run_id or "")[:8])
    return table
