"""One run of `notify-shops` from settings to report, without Prefect.

Each webhook goes on by itself, under its own lease: read what follows its position, send it, and
move the position when the shop has confirmed it, before anything else is sent.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from flows.notifying.message import Message, read_message
from flows.notifying.posting import Answer, HttpPost, Post
from flows.notifying.report import Notified, NotifyReport
from flows.notifying.retries import PutOff, SwitchOff, decide_after_failure, give_up_after
from flows.run import in_thread, open_settings_store, read_in, utc_now, write_in
from pim.ids import RunId
from settings import Settings, hide_also
from storage import FeedLost, FenceLost, Store, Transaction
from storage.products import read_bounds
from storage.webhooks import (
    Webhook,
    claim_webhook,
    confirm_batch,
    list_due_webhooks,
    list_webhooks,
    note_batch,
    put_off_webhook,
    release_webhook,
    switch_off_webhook,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

LEASE = timedelta(seconds=60)
"""Renewed with each request, which takes 15 s at most."""

LONGEST = timedelta(seconds=45)
"""After that a run begins no request any more: the schedule brings one every minute."""

AT_ONCE, FAILING_AT_ONCE = 16, 8
"""Requests under way. Webhooks that fail have places of their own, and take none from others."""

_LONGEST_KEY = 200
_NONE_THERE = "there is no webhook"
_NOTHING_DUE = "nothing is to be sent"


async def notify_shops(
    settings: Settings, *, run_id: RunId, post: Post | None = None, longest: timedelta = LONGEST
) -> NotifyReport:
    """Send every webhook what follows its position, until nothing is left or the time is over.

    A shop that fails costs no other anything, and is no failure of the run: see the report.

    Raises:
        StoreError: the store is missing, behind, or takes no writes.
    """
    with closing(await in_thread(open_settings_store, settings)) as store:
        if not await read_in(store, list_webhooks):
            return NotifyReport(utc_now(), skipped=_NONE_THERE)
        give_up = give_up_after(settings)
        if post is not None:
            return await notify_due(store, post, holder=run_id, give_up=give_up, longest=longest)
        async with HttpPost() as http:
            return await notify_due(store, http, holder=run_id, give_up=give_up, longest=longest)


async def notify_due(
    store: Store,
    post: Post,
    *,
    holder: str,
    give_up: timedelta,
    longest: timedelta = LONGEST,
    now: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> NotifyReport:
    """Send what is due; see `notify_shops`. `holder` has the leases meanwhile.

    `now`: the clock by which tries are put off; `sleep`: waits for one that comes within this run.
    """
    due = await read_in(store, list_due_webhooks, now=now())
    report = NotifyReport(now(), skipped=None if due else _NOTHING_DUE)
    ends_at = time.monotonic() + longest.total_seconds()
    sender = _Sender(store, post, holder, give_up, ends_at, report, now, sleep)
    try:
        ended = await asyncio.gather(*map(sender.serve, due), return_exceptions=True)
    finally:
        report.ended_at = now()
    # Only now: one webhook's defect ends no other's work.
    for error in ended:
        if error is not None:
            raise error
    return report


def read_notify_key(tx: Transaction, *, now: datetime) -> str | None:
    """Read whether shops wait that nobody is at: a key for the run they wait for; None: none does.

    The same until something changes again.
    """
    due = list_due_webhooks(tx, now=now)
    _, end = read_bounds(tx)
    return f"notify-{end}-{','.join(due)}"[:_LONGEST_KEY] if due else None


@dataclass(slots=True)
class _Sender:
    store: Store
    post: Post
    holder: str
    give_up: timedelta
    ends_at: float
    report: NotifyReport
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    well: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    failing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FAILING_AT_ONCE))

    async def serve(self, name: str) -> None:
        """Send one webhook all there is, and what failed once more if its time comes meanwhile."""
        told = self.report.webhooks.setdefault(name, Notified())
        while webhook := await self._write(
            claim_webhook, name, holder=self.holder, lease=LEASE, now=self.now()
        ):
            hide_also(webhook.hidden_parts(self.now()))
            try:
                await self._send_all(webhook, told)
            except FenceLost as error:
                told.stood_by = str(error)
                return
            finally:
                await self._write(release_webhook, name, holder=self.holder)
            if told.is_off or told.next_at is None:
                return
            wait = (told.next_at - self.now()).total_seconds()
            if wait > self._left():
                return
            await self.sleep(max(0.0, wait))

    async def _send_all(self, webhook: Webhook, told: Notified) -> None:
        """Send until nothing is left, a request fails, or the time is over.

        Raises:
            FenceLost: another has the webhook, or a person changed it.
        """
        while True:
            try:
                message = await read_in(self.store, read_message, webhook)
            except FeedLost as error:
                await self._switch_off(webhook, told, SwitchOff(error.advice), asked=False)
                return
            if message is None:
                return
            answer = await self._send_in_turn(webhook, message, told)
            if answer is None:
                self.report.is_cut = True
                return
            if not answer.is_confirmed:
                await self._settle_failure(webhook, told, answer)
                return
            webhook = await self._confirm(webhook, message, told)

    async def _send_in_turn(
        self, webhook: Webhook, message: Message, told: Notified
    ) -> Answer | None:
        """Send when a place is free; None: the time is over."""
        async with self.failing if webhook.failures else self.well:
            if self._left() <= 0:
                return None
            end = message.last
            await self._write(note_batch, webhook, holder=self.holder, batch_end=end, lease=LEASE)
            told.requests += 1
            return await self.post(webhook, message, at=self.now())

    async def _confirm(self, webhook: Webhook, message: Message, told: Notified) -> Webhook:
        last, now = message.last, self.now()
        await self._write(confirm_batch, webhook, holder=self.holder, last=last, now=now)
        told.changes += message.changes
        told.position, told.problem, told.next_at = last, None, None
        return replace(webhook, position=last, batch_end=None, failures=0, failing_since=None)

    async def _settle_failure(self, webhook: Webhook, told: Notified, answer: Answer) -> None:
        now = self.now()
        match decide_after_failure(webhook, answer, give_up=self.give_up, now=now):
            case SwitchOff() as off:
                await self._switch_off(webhook, told, off, asked=True)
            case PutOff(not_before=later, problem=problem):
                await self._write(
                    put_off_webhook,
                    webhook,
                    holder=self.holder,
                    problem=problem,
                    not_before=later,
                    now=now,
                )
                told.problem, told.next_at = problem, later

    async def _switch_off(
        self, webhook: Webhook, told: Notified, off: SwitchOff, *, asked: bool
    ) -> None:
        problem = off.problem
        await self._write(
            switch_off_webhook,
            webhook,
            holder=self.holder,
            problem=problem,
            asked=asked,
            now=self.now(),
        )
        told.problem, told.is_off = problem, True
        log.warning("no changes are sent any more to %s: %s", webhook.name, problem)

    def _left(self) -> float:
        return self.ends_at - time.monotonic()

    async def _write(
        self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await write_in(self.store, work, *args, **kwargs)
