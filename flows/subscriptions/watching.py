"""Watch over our subscriptions: asked now and then, since a notice may be lost with our host."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flows.run import in_thread, open_settings_store, read_in, utc_now, write_in
from flows.subscriptions.catch_up import ACTIVATION_DELAY, AskForReconcile, catch_up
from flows.subscriptions.management import choose_ours, open_management, read_overview
from pim.errors import PlatformError, SourceError
from pim.event_platform import DELIVERIES_PATH
from pim.event_platform_api import Subscription
from settings import Settings, mask
from storage import Store
from storage.state import (
    SeenSubscription,
    forget_subscriptions,
    has_seen_subscriptions,
    note_seen,
    note_unseen,
)

_NOT_USED = "the Event Platform is not used: AKENEO_EVENT_PLATFORM_SECRETS is not set"
_NO_PIM = "no PIM is configured"


@dataclass(slots=True)
class WatchReport:
    """What one look found. `unseen`: why the platform could not be asked; `done`: of a catch-up."""

    skipped: str | None = None
    unseen: str | None = None
    found: list[SeenSubscription] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One line: `subscription 0190… is active`."""
        if self.skipped is not None:
            return self.skipped
        if self.unseen is not None:
            seen = f"not seen: {self.unseen}"
        elif not self.found:
            seen = "there is no subscription to this receiver"
        else:
            seen = ", ".join(f"subscription {each.id} is {each.status}" for each in self.found)
        return "; ".join([seen, *self.done])


async def watch_subscriptions(
    settings: Settings,
    *,
    ask: AskForReconcile,
    now: datetime | None = None,
    delay: timedelta = ACTIVATION_DELAY,
) -> WatchReport:
    """Look how our subscriptions are, note it, and do what is due of a catch-up.

    A platform that does not answer is noted, too; a catch-up goes on all the same. `delay`: how
    long after a resumption events may still be lost.

    Raises:
        StoreError: the store is missing, behind, or takes no writes.
        Exception: whatever `ask` raises.
    """
    report, at = WatchReport(), now or utc_now()
    with closing(await in_thread(open_settings_store, settings)) as store:
        if not settings.event_platform.secrets or settings.source is None:
            report.skipped = _NOT_USED if settings.source is not None else _NO_PIM
            await _forget(store)
            return report
        try:
            report.found = await _look(settings)
        except (PlatformError, SourceError) as error:
            report.unseen = mask(str(error))
            await write_in(store, note_unseen, words=report.unseen, at=at)
        else:
            url = _destination(settings)
            await write_in(store, note_seen, found=report.found, url=url, at=at)
        report.done = await catch_up(store, ask, now=at, delay=delay)
    return report


async def _look(settings: Settings) -> list[SeenSubscription]:
    async with open_management(settings) as client:
        overview = await read_overview(client)
    return _as_seen(choose_ours(overview.subscriptions, settings.public_url))


def _as_seen(subscriptions: Sequence[Subscription]) -> list[SeenSubscription]:
    return [SeenSubscription(each.id, each.status, each.url) for each in subscriptions]


def _destination(settings: Settings) -> str | None:
    return None if settings.public_url is None else f"{settings.public_url}{DELIVERIES_PATH}"


async def _forget(store: Store) -> None:
    """Where it was used before, nothing of it is to stand for ever."""
    if await read_in(store, has_seen_subscriptions):
        await write_in(store, forget_subscriptions)
