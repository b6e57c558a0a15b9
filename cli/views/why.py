"""One product's story on a screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table

from cli.output import add_row, open_table, printable, say_ago, say_count
from cli.views.live import LiveAnswer, LiveView, describe_live
from cli.views.timeline import build_timeline
from storage.views import History, ProductState

_SHORT = 8


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one product or model, and what happens next."""

    history: History
    steps: list[str]


def show_story(
    console: Console, story: Story, answer: LiveAnswer | None, *, asked: str, now: datetime
) -> None:
    """Print what it is now, how it came to be so, what the PIM says, and what happens next."""
    history = story.history
    console.print(printable(_title(history, asked)), style="bold")
    for line in _describe(history, now):
        console.print(f"  {printable(line)}")
    console.print(_timeline_table(history, now))
    product = history.product
    view = answer.of(product.key) if answer is not None and product is not None else None
    if view is not None:
        _print_lines(console, describe_live(view))
    elif history.model is not None and answer is not None:
        _print_lines(console, ["--live compares products: ask for one of its variants"])
    console.print("What happens next:")
    for step in story.steps:
        console.print(f"  - {printable(step)}")
    console.print()


def show_found_live(console: Console, views: Sequence[LiveView]) -> None:
    """Print what the PIM says of products now."""
    for view in views:
        _print_lines(console, [f"{view.key}:", *describe_live(view)])


def _print_lines(console: Console, lines: Sequence[str]) -> None:
    for line in lines:
        console.print(f"  {printable(line)}")
    console.print()


def _title(history: History, asked: str) -> str:
    if history.product is not None:
        return history.product.identifier or history.product.key
    return asked if history.model is None else f"product model {history.model.code}"


def _describe(history: History, now: datetime) -> list[str]:
    if history.product is not None:
        return _describe_product(history.product, now)
    if (model := history.model) is not None:
        kin = f"below model {model.parent}" if model.parent else "a root model"
        variants = say_count(model.variants, "live variant")
        return [f"{kin}, with {variants} in the store; `why` of a variant tells how it followed"]
    return ["not in the store; only events are known"]


def _describe_product(product: ProductState, now: datetime) -> list[str]:
    deleted = product.deleted_at
    state = "live" if deleted is None else f"deleted, found so {say_ago(deleted, now=now)}"
    updated = product.updated.isoformat() if product.updated else "unknown"
    kin = [f"family {product.family}" if product.family else "no family"]
    kin += [f"variant of {product.parent}"] if product.parent else []
    return [
        f"{state}; {', '.join(kin)}",
        f"key {product.key}; uuid {product.uuid or 'none'}",
        f"changed in the PIM {updated}, read {say_ago(product.read_at, now=now)}",
        *(f"odd, and costs only itself: {each}" for each in product.oddities),
    ]


def _timeline_table(history: History, now: datetime) -> Table | str:
    moments = build_timeline(history)
    if not moments:
        return "  no event or change is kept any more"
    zone = now.astimezone().strftime("%z")
    table = open_table(f"when (UTC{zone})", "what", "", "run")
    for moment in moments:
        when = f"{moment.at.astimezone():%Y-%m-%d %H:%M:%S}"
        # As Prefect's UI abbreviates it; a run without Prefect has a word before its id.
        run = (moment.run_id or "").rpartition("local-")[2][:_SHORT]
        add_row(table, when, moment.kind, moment.text, run)
    for column in (table.columns[0], table.columns[1], table.columns[3]):
        column.no_wrap = True
    return table
