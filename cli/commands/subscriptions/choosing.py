"""Choice of a subscription, and the wait after a change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypeAlias

import typer

from cli.guard import CommandError
from cli.output import printable, quoted
from cli.progress import progress_bar
from flows.subscriptions import Overview, choose_ours, open_management, read_overview
from pim.event_platform_api import EventPlatformClient, Subscription, choose_events
from settings import Settings

ACTIVATION_MINUTES = 5.0
"""The platform says "several minutes", and nothing tells when they are over."""

NoWait: TypeAlias = Annotated[
    bool, typer.Option("--no-wait", help="Do not wait until the platform has taken it up.")
]
Minutes: TypeAlias = Annotated[
    float,
    typer.Option("--wait-minutes", min=0.0, max=1440.0, help="How long it is waited for."),
]
SubscriptionId: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="Which one; without it the one that delivers here."),
]
Events: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="PATTERN,...",
        help="Event types, like `product.*,category.*`; `*` is every one that is of use.",
    ),
]


def choose_subscription(
    overview: Overview, wanted: str | None, *, public_url: str | None
) -> Subscription:
    """Return the subscription of that id, or the only one that delivers to this receiver.

    Raises:
        CommandError: there is none, or it takes a choice.
    """
    if wanted is not None:
        found = [each for each in overview.subscriptions if each.id == wanted.strip()]
        if not found:
            raise CommandError(
                f"no subscription {quoted(wanted)}; `akeneo-sync subscriptions list` shows those "
                "that are active or suspended"
            )
        return found[0]
    ours = choose_ours(overview.subscriptions, public_url)
    if len(ours) == 1:
        return ours[0]
    if not ours:
        raise CommandError(
            "no subscription delivers to this receiver; `akeneo-sync subscriptions create` makes "
            "one, `list` shows others"
        )
    ids = ", ".join(printable(each.id) for each in ours)
    raise CommandError(f"{len(ours)} subscriptions deliver to this receiver; name one of {ids}")


@asynccontextmanager
async def open_chosen(
    settings: Settings, wanted: str | None
) -> AsyncIterator[tuple[EventPlatformClient, Overview, Subscription]]:
    """Speak with the platform, all that it has before our eyes, about the subscription meant.

    Raises:
        CommandError: there is none, or it takes a choice.
    """
    async with open_management(settings) as client:
        overview = await read_overview(client)
        yield (
            client,
            overview,
            choose_subscription(overview, wanted, public_url=settings.public_url),
        )


def say_minutes(wait_minutes: float, *, no_wait: bool) -> float:
    """How long is waited after a change, by its two options."""
    return 0.0 if no_wait else wait_minutes


def parse_events(text: str) -> tuple[str, ...]:
    """Return the event types that an option names.

    Raises:
        typer.BadParameter: a name means none.
    """
    try:
        return choose_events([part.strip() for part in text.split(",") if part.strip()] or [text])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


async def wait_out(minutes: float, *, what: str) -> None:
    """Wait until the platform has taken a change up, as long as that is known to take."""
    seconds = round(minutes * 60)
    typer.echo(
        f"{what} takes several minutes; waiting for {minutes:g} min (Ctrl-C: it goes on without us)"
    )
    with progress_bar() as report:
        for second in range(seconds):
            report(second, seconds, "seconds")
            await asyncio.sleep(1.0)
