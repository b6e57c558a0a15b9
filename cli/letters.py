"""Which dead letters `replay` and `discard` act on, and what they say."""

import typer

from cli.guard import CommandError
from cli.output import say_count
from pim.ids import EventId


def choose_letters(event_ids: list[str] | None, *, every: bool) -> list[EventId] | None:
    """Return the chosen ids, None for all.

    Raises:
        typer.BadParameter: neither ids nor --all were given, or both.
    """
    if every == bool(event_ids):
        raise typer.BadParameter("name event ids, or say --all; `events --outcome dead` lists them")
    return None if every else [EventId(event_id) for event_id in dict.fromkeys(event_ids or [])]


def check_count(done: int, chosen: list[EventId] | None, *, what: str) -> str:
    """Return the line that says what was done.

    Raises:
        CommandError: of the chosen ids, some could not be taken; the rest is done.
    """
    line = f"{say_count(done, 'dead letter')} {what}"
    if chosen is not None and done < len(chosen):
        missing = len(chosen) - done
        reason = "no dead letters, or unusable ones that name no product"
        raise CommandError(f"{line}; {missing} of {len(chosen)} ids are {reason}")
    return line
