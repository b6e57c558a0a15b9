"""Rules of what follows a request that was not confirmed: when it is sent again, or never."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.notifying.posting import Answer
from flows.run import format_span
from settings import Settings
from storage.webhooks import Webhook

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""As Standard Webhooks suggests; the last one from then on."""

SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PutOff:
    """The same is sent again then."""

    not_before: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Nothing is sent any more, until a person says otherwise."""

    problem: str


def give_up_after(settings: Settings) -> timedelta:
    """How long a webhook may fail; well before what it has missed is removed from the feed."""
    return min(settings.webhook_give_up, settings.keep.changes / 2)


def decide_after_failure(
    webhook: Webhook, answer: Answer, *, give_up: timedelta, now: datetime
) -> PutOff | SwitchOff:
    """Decide what follows an answer that is no confirmation.

    The shop's own Retry-After counts in place of the schedule.
    """
    if answer.is_gone:
        return SwitchOff(f"{answer.words}: it wants nothing any more")
    failing = now - (webhook.failing_since or now)
    if failing >= give_up:
        tries = webhook.failures + 1
        return SwitchOff(f"{answer.words}; {tries} tries failed in {format_span(failing)}")
    planned = DELAYS[min(webhook.failures, len(DELAYS) - 1)]
    wait = planned if answer.retry_after is None else max(answer.retry_after, SHORTEST)
    return PutOff(now + wait, answer.words)
