"""The Event Platform: secrets, the public address, the permission, and the subscription to us."""

import asyncio
from collections.abc import Sequence

from cli.checks.finding import Findings
from cli.cures import find_cure
from cli.output import say_count
from flows.run import NoSource
from flows.subscriptions import Overview, choose_ours, open_management, read_overview
from pim.errors import PlatformError, SourceError
from pim.event_platform_api import (
    EVENTS_API_PATH,
    HTTPS,
    PlatformForbidden,
    Subscription,
    build_destination,
    find_secret_problem,
)
from pim.vocabulary import SubscriptionStatus
from settings import EventPlatform, Settings

PART = "Event Platform"
_CALL_SECONDS = 4.0
_SECRETS = "AKENEO_EVENT_PLATFORM_SECRETS"
_NOTIFICATION_SECRET = "AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET"  # noqa: S105 - a setting's name
_CREATE = "`akeneo-sync subscriptions create --email ADDRESS` makes one"


def check_event_platform(settings: Settings, found: Findings) -> None:
    """Look at it where it is used at all."""
    if not settings.event_platform.secrets:
        found.note("used", f"no: {_SECRETS} is not set")
        return
    _check_secrets(settings.event_platform, found)
    try:
        url = build_destination(settings.public_url, api_url=settings.event_platform.api_url)
    except PlatformError as error:
        found.broken("public URL", str(error), error.cure)
    else:
        found.ok("public URL", url)
    asyncio.run(_check_subscriptions(settings, found))


def _check_secrets(platform: EventPlatform, found: Findings) -> None:
    problem = find_secret_problem(platform.secrets)
    if problem is None:
        found.ok("secrets", f"{say_count(len(platform.secrets), 'secret')} of a legal length")
    else:
        cure = "set one of 16 to 256 characters, or two while they are rotated"
        found.broken("secrets", f"{_SECRETS}: {problem}", cure)
    notices = platform.notification_secret
    if notices is None:
        how = "a suspension is told by e-mail, and noticed by `watch-subscriptions`"
        found.note("notices", how, f"set {_NOTIFICATION_SECRET} to be told at once")
        return
    problem = find_secret_problem([notices])
    if problem is not None:
        found.broken("notices", f"{_NOTIFICATION_SECRET}: {problem}", "set one that has")


async def _check_subscriptions(settings: Settings, found: Findings) -> None:
    where = settings.event_platform.api_url
    try:
        async with open_management(settings, seconds=_CALL_SECONDS) as client:
            overview = await read_overview(client)
    except NoSource:
        found.note("management API", "not asked: no PIM is configured")
    except PlatformForbidden as error:
        found.broken("permission", str(error), error.cure)
    except (PlatformError, SourceError) as error:
        cure = find_cure(error) or "look at the PIM's own log"
        found.broken("management API", f"{where}: {error}", cure)
    else:
        found.ok("management API", f"{where} answers, and takes the PIM's token")
        report_subscriptions(overview, settings, found)


def report_subscriptions(overview: Overview, settings: Settings, found: Findings) -> None:
    """Say how the subscriptions to our receiver are, and what shares its address with them."""
    _report_shared(overview.subscriptions, found)
    ours = choose_ours(overview.subscriptions, settings.public_url)
    if not ours:
        found.broken("subscription", "none delivers to this receiver", _CREATE)
        return
    for each in ours:
        if each.is_active:
            how = f"{each.id} is active, {say_count(len(each.events), 'event type')}"
            found.ok("subscription", how)
        elif each.status == SubscriptionStatus.SUSPENDED:
            cure = (
                "mend what `akeneo-sync subscriptions logs --kind error` says, then `akeneo-sync"
                " subscriptions resume`"
            )
            found.broken("subscription", f"{each.id} is suspended: nothing is delivered", cure)
        else:
            found.broken("subscription", f"{each.id} is {each.status}", _CREATE)
    how = "which secrets a subscription has cannot be read back: a wrong one shows in `status`"
    found.note("signature", how, "`akeneo-sync subscriptions rotate-secret` sends the settings'")


def _report_shared(subscriptions: Sequence[Subscription], found: Findings) -> None:
    for each in subscriptions:
        if each.type == HTTPS and each.url.rstrip("/").endswith(EVENTS_API_PATH):
            how = f"{each.id} delivers to {each.url}, which is the Events API's address"
            cure = "`akeneo-sync subscriptions update ID`: the two never share one URL"
            found.broken("address", how, cure)
