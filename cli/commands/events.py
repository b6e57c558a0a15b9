"""`akeneo-sync events`."""

from typing import Annotated

import typer

from cli.opening import opened_store, read_settings
from cli.output import MOST_ROWS, add_row, open_console, open_table, print_json
from cli.views import event_object
from pim.event_platform import short_type
from pim.vocabulary import Outcome
from storage import Transaction
from storage.inbox import ListedEvent, list_events

_OPEN_STATES = ("due", "waiting", "held")
_STATES = (*_OPEN_STATES, *(outcome.value for outcome in Outcome))


def _check_state(text: str | None) -> str | None:
    if text is not None and text not in _STATES:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(_STATES)}")
    return text


def run(
    *,
    outcome: Annotated[
        str | None,
        typer.Option(
            metavar="OUTCOME", callback=_check_state, help=f"One of {', '.join(_STATES)}."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="The newest so many.")] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array of objects, keys stable.")
    ] = False,
) -> None:
    """List events, newest first."""
    with opened_store(read_settings()) as store, store.read() as tx:
        events = find_events(tx, outcome, limit)
    if as_json:
        print_json([event_object(event) for event in events])
        return
    table = open_table("received", "event", "action", "product", "state", "reason", "tries")
    for event in events:
        add_row(
            table,
            event.received_at.astimezone().isoformat(sep=" ", timespec="seconds"),
            event.event_id,
            short_type(event.action or ""),
            event.identifier or event.resource_key or "",
            event.state,
            event.reason or "",
            str(event.attempts),
        )
    open_console().print(table if events else "no such event")


def find_events(tx: Transaction, state: str | None, limit: int) -> list[ListedEvent]:
    """List events of a state; "due" takes those in that wait for their next try."""
    if state != "due":
        return list_events(tx, state=state, limit=limit)
    found = [*list_events(tx, state="due", limit=limit)]
    found += list_events(tx, state="waiting", limit=limit)
    return sorted(found, key=lambda event: event.number, reverse=True)[:limit]
