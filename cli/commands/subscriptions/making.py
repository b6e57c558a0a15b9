"""`akeneo-sync subscriptions create`, `update` and `rotate-secret`: what is to be delivered."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from cli.asking import Yes, confirm_plan
from cli.commands.subscriptions.choosing import (
    ACTIVATION_MINUTES,
    Events,
    Minutes,
    NoWait,
    SubscriptionId,
    open_chosen,
    parse_events,
    say_minutes,
    wait_out,
)
from cli.guard import CommandError
from cli.opening import read_settings
from cli.output import printable, say_count
from flows.subscriptions import Overview, choose_ours, open_management, read_overview
from pim.event_platform import short_type
from pim.event_platform_api import (
    NOTIFICATIONS_PATH,
    USEFUL_EVENTS,
    EventPlatformClient,
    Subscriber,
    Subscription,
    WantedSubscriber,
    WantedSubscription,
    build_destination,
    check_secrets,
)
from settings import Settings

SECRETS = "AKENEO_EVENT_PLATFORM_SECRETS"
NOTIFICATION_SECRET = "AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET"  # noqa: S105 - a setting's name
DEFAULT_NAME = "akeneo-sync"

_EMAIL = "Whom the platform writes to when it suspends the subscription."
Email = Annotated[str | None, typer.Option(metavar="ADDRESS", help=_EMAIL)]

_ROTATION = (
    "to rotate without losing an event: 1. write the new secret behind the old one, restart the"
    " receiver, rotate-secret; 2. wait some minutes, swap the two, restart, rotate-secret; 3. wait"
    " some minutes, take the old one out, restart, rotate-secret"
)


def run_create(
    *,
    email: Email = None,
    name: Annotated[str, typer.Option(help="The subscriber's name.")] = DEFAULT_NAME,
    events: Events = None,
    yes: Yes = False,
    no_wait: NoWait = False,
    wait_minutes: Minutes = ACTIVATION_MINUTES,
) -> None:
    """Make subscriber and subscription."""
    chosen = USEFUL_EVENTS if events is None else parse_events(events)
    settings = read_settings()
    minutes = say_minutes(wait_minutes, no_wait=no_wait)
    asyncio.run(_create(settings, chosen, email=email, name=name, yes=yes, minutes=minutes))


def run_update(
    subscription: SubscriptionId = None,
    *,
    email: Email = None,
    events: Events = None,
    yes: Yes = False,
    no_wait: NoWait = False,
    wait_minutes: Minutes = ACTIVATION_MINUTES,
) -> None:
    """Bring a subscription to what the settings and options say."""
    chosen = None if events is None else parse_events(events)
    settings = read_settings()
    minutes = say_minutes(wait_minutes, no_wait=no_wait)
    asyncio.run(_update(settings, subscription, chosen, email=email, yes=yes, minutes=minutes))


def run_rotate(
    subscription: SubscriptionId = None,
    *,
    yes: Yes = False,
    no_wait: NoWait = False,
    wait_minutes: Minutes = ACTIVATION_MINUTES,
) -> None:
    """Send the secrets that the settings have now."""
    settings = read_settings()
    typer.echo(_ROTATION)
    minutes = say_minutes(wait_minutes, no_wait=no_wait)
    asyncio.run(_rotate(settings, subscription, yes=yes, minutes=minutes))


async def _create(
    settings: Settings,
    events: tuple[str, ...],
    *,
    email: str | None,
    name: str,
    yes: bool,
    minutes: float,
) -> None:
    url = _check_settings(settings)
    async with open_management(settings) as client:
        overview = await read_overview(client)
        _refuse_second(overview, settings)
        known = next((each for each in overview.subscribers if each.name == name), None)
        subscriber = _want_subscriber(settings, name, known, email)
        changes = known is not None and (
            email is not None or (known.notification_url or None) != subscriber.notification_url
        )
        verb = "make" if known is None else "change" if changes else "keep"
        plan = [
            f"{verb} the subscriber {_describe_subscriber(subscriber)}",
            f"make a subscription to {url}",
            f"  with {say_count(len(events), 'event type')}: {_list_events(events)}",
            f"  and {_describe_secrets(settings)}",
        ]
        confirm_plan(plan, yes=yes)
        if known is None:
            known = await client.create_subscriber(subscriber)
        elif changes:
            known = await client.update_subscriber(known.id, subscriber)
        wanted = _want(client, settings, url, events)
        made = await client.create_subscription(known.id, wanted)
        await _tell_done(client, made, "made", minutes=minutes)


async def _update(
    settings: Settings,
    wanted_id: str | None,
    events: tuple[str, ...] | None,
    *,
    email: str | None,
    yes: bool,
    minutes: float,
) -> None:
    url = _check_settings(settings)
    async with open_chosen(settings, wanted_id) as (client, overview, found):
        plan = _plan_update(settings, found, url, events or found.events)
        known = overview.subscriber_of(found)
        subscriber = None
        if known is not None and (email is not None or _has_notices(settings)):
            subscriber = _want_subscriber(settings, known.name, known, email)
            plan.insert(0, f"change the subscriber {_describe_subscriber(subscriber)}")
        confirm_plan(plan, yes=yes)
        if known is not None and subscriber is not None:
            await client.update_subscriber(known.id, subscriber)
        wanted = _want(client, settings, url, events or found.events, before=found)
        done = await client.update_subscription(found.subscriber_id, found.id, wanted)
        await _tell_done(client, done, "changed", minutes=minutes)


async def _rotate(settings: Settings, wanted_id: str | None, *, yes: bool, minutes: float) -> None:
    url = _check_settings(settings)
    async with open_chosen(settings, wanted_id) as (client, _, found):
        confirm_plan(_plan_update(settings, found, found.url or url, found.events), yes=yes)
        wanted = _want(client, settings, found.url or url, found.events, before=found)
        done = await client.update_subscription(found.subscriber_id, found.id, wanted)
        await _tell_done(client, done, "given these secrets", minutes=minutes)


def _check_settings(settings: Settings) -> str:
    """Return the URL to deliver to.

    Raises:
        UnfitSetting: the platform would refuse what the settings say.
    """
    platform = settings.event_platform
    check_secrets(platform.secrets, setting=SECRETS)
    if platform.notification_secret is not None:
        check_secrets([platform.notification_secret], setting=NOTIFICATION_SECRET)
    return build_destination(settings.public_url, api_url=platform.api_url)


def _refuse_second(overview: Overview, settings: Settings) -> None:
    there = choose_ours(overview.subscriptions, settings.public_url)
    if there:
        raise CommandError(
            f"subscription {printable(there[0].id)} ({there[0].status}) delivers there already; "
            "`akeneo-sync subscriptions update` changes it, `resume` wakes it"
        )


def _want_subscriber(
    settings: Settings, name: str, known: Subscriber | None, email: str | None
) -> WantedSubscriber:
    address = email or (known.technical_email if known else None)
    if not address:
        raise CommandError(
            "the platform wants an e-mail address to write to when it suspends; say --email ADDRESS"
        )
    if not _has_notices(settings):
        return WantedSubscriber(name, address)
    url = f"{settings.public_url}{NOTIFICATIONS_PATH}"
    return WantedSubscriber(name, address, url, settings.event_platform.notification_secret)


def _has_notices(settings: Settings) -> bool:
    return settings.event_platform.notification_secret is not None


def _want(
    client: EventPlatformClient,
    settings: Settings,
    url: str,
    events: tuple[str, ...],
    *,
    before: Subscription | None = None,
) -> WantedSubscription:
    """Everything of ours; of what was there before only what is no secret."""
    return WantedSubscription(
        subject=client.subject,
        url=url,
        events=events,
        secrets=settings.event_platform.secrets,
        filter=before.filter if before else "",
        sends_identifier=before.sends_identifier if before else False,
    )


def _plan_update(
    settings: Settings, found: Subscription, url: str, events: tuple[str, ...]
) -> list[str]:
    more = [event for event in events if event not in found.events]
    less = [event for event in found.events if event not in events]
    plan = [f"change the subscription {found.id} ({found.status})"]
    plan += [f"  deliver to {url} in place of {found.url}"] * (url != found.url)
    plan += [f"  with {_list_events(more)}"] * bool(more)
    plan += [f"  without {_list_events(less)}"] * bool(less)
    plan += [f"  with {say_count(len(events), 'event type')}, as before"] * (not more and not less)
    plan.append(f"  and {_describe_secrets(settings)}")
    if found.header_names:
        names = ", ".join(found.header_names)
        plan.append(f"  its own headers ({names}) cannot be read, are not sent, and may be lost")
    return plan


def _describe_subscriber(wanted: WantedSubscriber) -> str:
    notices = f", notices to {wanted.notification_url}" if wanted.notification_url else ""
    return f"{wanted.name}, e-mail to {wanted.technical_email}{notices}"


def _describe_secrets(settings: Settings) -> str:
    if len(settings.event_platform.secrets) > 1:
        return f"the two secrets of {SECRETS}, the first as primary one"
    return f"the secret of {SECRETS} as primary one"


def _list_events(events: Sequence[str]) -> str:
    return ", ".join(short_type(event) for event in events)


async def _tell_done(
    client: EventPlatformClient, done: Subscription, verb: str, *, minutes: float
) -> None:
    typer.echo(f"subscription {printable(done.id)} {verb}")
    if not minutes:
        typer.echo("it takes several minutes until the platform delivers by it")
        return
    await wait_out(minutes, what="this")
    now = await client.read_subscription(done.subscriber_id, done.id)
    typer.echo(
        f"subscription {printable(now.id)} is {printable(now.status)}; "
        "change a product in the PIM, and `akeneo-sync events` lists what comes"
    )
