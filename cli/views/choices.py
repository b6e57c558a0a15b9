"""Choices of a person: which held deletions, and which dead letters, a command acts on."""

from collections.abc import Sequence

import typer

from cli.guard import CommandError
from cli.output import quoted, say_count
from pim.ids import EventId, ProductKey
from storage.products import HeldDeletion


def choose_holds(holds: Sequence[HeldDeletion], names: Sequence[str]) -> list[ProductKey]:
    """Return the keys of the holds that the names (key or identifier, any case) mean; [] for none.

    Raises:
        CommandError: a name means none of them.
    """
    wanted = {name.strip().casefold(): name for name in names}
    keys: dict[ProductKey, None] = {}
    found = set()
    for hold in holds:
        known = {hold.key.casefold(), (hold.identifier or hold.key).casefold()}
        if known & wanted.keys():
            keys[hold.key] = None
            found |= known & wanted.keys()
    missing = [name for folded, name in wanted.items() if folded not in found]
    if missing:
        raise CommandError(
            f"no deletion is held for {', '.join(map(quoted, missing))}; `akeneo-sync approve` "
            "lists those that are"
        )
    return list(keys)


def choose_dead_letters(event_ids: list[str] | None, *, every: bool) -> list[EventId] | None:
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
