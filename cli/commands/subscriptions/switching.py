"""`akeneo-sync subscriptions suspend`, `resume` and `delete`: whether anything is delivered."""

import asyncio
from typing import Annotated

import typer

from cli.asking import Yes, confirm_plan
from cli.commands.subscriptions.choosing import (
    ACTIVATION_MINUTES,
    Minutes,
    NoWait,
    SubscriptionId,
    open_chosen,
    say_minutes,
    wait_out,
)
from cli.guard import CommandError
from cli.opening import read_settings
from cli.output import printable
from flows.subscriptions import Overview
from pim.event_platform_api import Subscriber, Subscription
from settings import Settings

_LOST = "what changes in the PIM meanwhile is not delivered later; a full sweep finds it"


def run_suspend(subscription: SubscriptionId = None, *, yes: Yes = False) -> None:
    """Suspend a subscription."""
    asyncio.run(_suspend(read_settings(), subscription, yes=yes))


def run_resume(
    subscription: SubscriptionId = None,
    *,
    yes: Yes = False,
    no_wait: NoWait = False,
    wait_minutes: Minutes = ACTIVATION_MINUTES,
) -> None:
    """Resume a subscription."""
    settings = read_settings()
    minutes = say_minutes(wait_minutes, no_wait=no_wait)
    asyncio.run(_resume(settings, subscription, yes=yes, minutes=minutes))


def run_delete(
    subscription: SubscriptionId = None,
    *,
    subscriber: Annotated[
        bool, typer.Option("--subscriber", help="Its subscriber too, if it has no other one.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Delete a subscription."""
    asyncio.run(_delete(read_settings(), subscription, with_subscriber=subscriber, yes=yes))


async def _suspend(settings: Settings, wanted: str | None, *, yes: bool) -> None:
    async with open_chosen(settings, wanted) as (client, _, found):
        confirm_plan([f"suspend {_describe(found)}", f"  {_LOST}"], yes=yes)
        await client.suspend(found.subscriber_id, found.id)
    typer.echo(f"subscription {printable(found.id)} suspended")


async def _resume(settings: Settings, wanted: str | None, *, yes: bool, minutes: float) -> None:
    async with open_chosen(settings, wanted) as (client, _, found):
        if found.is_active:
            typer.echo(f"subscription {printable(found.id)} is active")
            return
        confirm_plan(
            [f"resume {_describe(found)}", "  the platform revokes one that is resumed too often"],
            yes=yes,
        )
        await client.resume(found.subscriber_id, found.id)
        typer.echo(f"subscription {printable(found.id)} resumed")
        if not minutes:
            return
        await wait_out(minutes, what="a resumed subscription")
        now = await client.read_subscription(found.subscriber_id, found.id)
    typer.echo(f"subscription {printable(now.id)} is {printable(now.status)}")


async def _delete(
    settings: Settings, wanted: str | None, *, with_subscriber: bool, yes: bool
) -> None:
    async with open_chosen(settings, wanted) as (client, overview, found):
        lone = _lone_subscriber(overview, found) if with_subscriber else None
        plan = [f"delete {_describe(found)}", f"  for good; {_LOST}"]
        plan += [f"delete its subscriber {lone.name} ({lone.id}) for good"] if lone else []
        confirm_plan(plan, yes=yes)
        await client.delete_subscription(found.subscriber_id, found.id)
        typer.echo(f"subscription {printable(found.id)} deleted")
        if lone is not None:
            await client.delete_subscriber(lone.id)
            typer.echo(f"subscriber {printable(lone.id)} deleted")


def _describe(subscription: Subscription) -> str:
    place = subscription.url or subscription.type
    return f"the subscription {subscription.id} ({subscription.status}) to {place}"


def _lone_subscriber(overview: Overview, found: Subscription) -> Subscriber | None:
    """Return the subscriber that has no other subscription.

    Raises:
        CommandError: it has another, which would be deleted with it.
    """
    others = [
        each
        for each in overview.subscriptions
        if each.subscriber_id == found.subscriber_id and each.id != found.id
    ]
    if others:
        raise CommandError(
            f"its subscriber has another subscription, {printable(others[0].id)}; delete that "
            "first, or leave --subscriber out"
        )
    return overview.subscriber_of(found)
