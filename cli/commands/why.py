"""`akeneo-sync why KEY`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.guard import CommandError
from cli.opening import opened_store, read_settings
from cli.output import MOST_ROWS, open_console, print_json, printable, quoted
from cli.views import (
    LiveAnswer,
    Story,
    ask_live,
    list_next_steps,
    show_found_live,
    show_story,
    why_object,
)
from settings import Settings
from storage.state import read_breaker
from storage.views import read_history


def run(
    key: Annotated[
        str, typer.Argument(help="A uuid, an identifier or a model's code, in any case.")
    ],
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the PIM, too, and compare; nothing is repaired.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, keys stable.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=MOST_ROWS, help="Newest events and changes shown.")
    ] = 100,
) -> None:
    """Tell a product's story, or those of all products of that identifier."""
    settings, name = read_settings(), key.strip()
    stories = _read_stories(settings, name, limit)
    answer = ask_live(settings, name, [each.history for each in stories]) if live else None
    if not stories and (answer is None or not answer.views):
        _refuse_unknown(settings, name, answer)
    if as_json:
        print_json(why_object(key, stories, answer))
    else:
        _show(key, stories, answer)
    if answer is not None and answer.error is not None:
        raise CommandError(f"the PIM does not answer: {answer.error}")


def _read_stories(settings: Settings, name: str, limit: int) -> list[Story]:
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        histories = read_history(tx, name, limit=limit)
        breaker = read_breaker(tx)
    return [Story(each, list_next_steps(each, breaker, now=now)) for each in histories]


def _refuse_unknown(settings: Settings, name: str, answer: LiveAnswer | None) -> None:
    unknown = (
        f"no product, tombstone or event has the uuid or identifier {quoted(name)} in "
        f"{settings.database_label}"
    )
    if answer is None:
        cure = "; `akeneo-sync reconcile --key` asks the PIM for it"
    elif answer.error is not None:
        cure = f", and the PIM does not answer: {answer.error}"
    else:
        cure = ", nor in the PIM"
    raise CommandError(unknown + cure)


def _show(key: str, stories: Sequence[Story], answer: LiveAnswer | None) -> None:
    console, now = open_console(), datetime.now(UTC)
    if len(stories) > 1:
        console.print(f"{len(stories)} products are known by {printable(quoted(key))}:\n")
    for story in stories:
        show_story(console, story, answer, asked=key, now=now)
    if answer is not None:
        known = {each.history.product.key for each in stories if each.history.product is not None}
        show_found_live(console, [view for view in answer.views if view.key not in known])
