"""`akeneo-sync subscriptions list`, `show` and `logs`: they change nothing."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from cli.commands.subscriptions.choosing import SubscriptionId, choose_subscription
from cli.commands.subscriptions.showing import (
    log_object,
    overview_object,
    show_log,
    show_subscription,
    show_subscriptions,
    subscriber_object,
    subscription_object,
)
from cli.opening import read_settings
from cli.output import open_console, print_json
from flows.subscriptions import Overview, open_management, read_overview
from pim.event_platform_api import LogEntry
from settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="JSON, keys stable; secrets are never told.")]


class LogKind(StrEnum):
    """The platform's two kinds of lines."""

    ERROR = "error"
    ACTION = "action"


def run_list(*, as_json: AsJson = False) -> None:
    """List subscribers and subscriptions."""
    settings = read_settings()
    overview = asyncio.run(_look(settings))
    if as_json:
        print_json(overview_object(overview, public_url=settings.public_url))
    else:
        show_subscriptions(open_console(), overview, public_url=settings.public_url)


def run_show(subscription: SubscriptionId = None, *, as_json: AsJson = False) -> None:
    """Show one subscription."""
    settings = read_settings()
    overview = asyncio.run(_look(settings))
    chosen = choose_subscription(overview, subscription, public_url=settings.public_url)
    subscriber = overview.subscriber_of(chosen)
    if as_json:
        told = subscriber_object(subscriber) if subscriber else None
        print_json({**subscription_object(chosen), "subscriber": told})
    else:
        show_subscription(open_console(), chosen, subscriber, now=datetime.now(UTC))


def run_logs(
    subscription: Annotated[
        str | None, typer.Argument(metavar="ID", help="Of this subscription only.")
    ] = None,
    *,
    kind: Annotated[LogKind | None, typer.Option(help="Of this kind only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the platform's log."""
    settings = read_settings()
    lines = asyncio.run(_read_log(settings, kind, subscription, limit))
    if as_json:
        print_json([log_object(line) for line in lines])
    else:
        show_log(open_console(), lines)


async def _look(settings: Settings) -> Overview:
    async with open_management(settings) as client:
        return await read_overview(client)


async def _read_log(
    settings: Settings, kind: LogKind | None, subscription: str | None, limit: int
) -> list[LogEntry]:
    async with open_management(settings) as client:
        return await client.read_log(kind=kind, subscription_id=subscription, limit=limit)
