"""The way of one delivery: read, judged, committed, answered."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar, assert_never

from fastapi import Request

from pim.events import Batch
from pim.signature import RefusalReason, SignatureRefusal
from pim.vocabulary import Channel
from receiver.answers import Answer, Receipt, problem
from receiver.backlog import Backlog
from receiver.body import BodyProblem, Reservation, ReservedBytes, read_body, read_declared_length
from receiver.config import ReceiverConfig
from receiver.delivery import Delivery, EmptyBody, Unreadable, Verdict, join_header
from receiver.dialects import Dialect
from receiver.refusals import IntakeRefusal, RefusalCounter, Seldom, StoreNews
from receiver.store_worker import StoreWorker
from receiver.trigger import Waker
from storage import StoreError, StoreNotWritable
from storage.inbox import Stored, store_batch, store_rejected

_INLINE_BYTES = 256 * 1024  # about a millisecond of hashing and parsing: more leaves the event loop

T = TypeVar("T")


class Intake:
    """Answers deliveries of both dialects; belongs to one event loop."""

    def __init__(
        self,
        config: ReceiverConfig,
        *,
        worker: StoreWorker,
        refusals: RefusalCounter,
        trigger: Waker,
        backlog: Backlog,
    ) -> None:
        self._config = config
        self._worker = worker
        self._refusals = refusals
        self._trigger = trigger
        self._backlog = backlog
        self._memory = ReservedBytes(config.max_reserved_bytes)
        # One long body at a time: parsed, it may take forty times its length in memory.
        self._long_body = asyncio.Lock()
        self._news = StoreNews(Seldom())

    async def answer(self, request: Request, dialect: Dialect) -> Answer:
        """Answer one delivery; 200 only after its batch is committed."""
        with self._memory.reserve() as reservation:
            body = await self._read_body(request, reservation)
            if isinstance(body, BodyProblem):
                return self._refuse_body(body, dialect)
            headers = {
                name: value
                for name in dialect.headers
                if (value := join_header(request.headers.getlist(name))) is not None
            }
            delivery = Delivery(headers, body, self._config.clock())
            return await self._answer_delivery(delivery, dialect, reservation)

    async def _read_body(self, request: Request, reservation: Reservation) -> bytes | BodyProblem:
        limit = self._config.max_body_bytes
        if read_declared_length(request.headers.get("Content-Length")) > limit:
            return BodyProblem.TOO_LARGE
        return await read_body(
            request.stream(),
            limit=limit,
            reservation=reservation,
            within_seconds=self._config.body_seconds,
        )

    async def _answer_delivery(
        self, delivery: Delivery, dialect: Dialect, reservation: Reservation
    ) -> Answer:
        judge = partial(dialect.judge, delivery)
        inline = len(delivery.body) <= _INLINE_BYTES
        verdict = judge() if inline else await self._judge_aside(judge)
        match verdict:
            case SignatureRefusal():
                return self._refuse_signature(verdict, dialect)
            case EmptyBody():
                return _receipt(Stored(accepted=0, duplicates=0, invalid=0), reason="test")
            case Unreadable():
                return await self._keep_unreadable(delivery, verdict, dialect, reservation)
            case Batch():
                why = self._backlog.full if dialect.comes_again else None
                if why is not None:
                    return self._refuse_for_now(dialect, why)
                return await self._keep_batch(delivery, verdict, dialect, reservation)
        assert_never(verdict)

    async def _judge_aside(self, judge: Callable[[], Verdict]) -> Verdict:
        async with self._long_body:
            return await asyncio.to_thread(judge)

    async def _keep_batch(
        self, delivery: Delivery, batch: Batch, dialect: Dialect, reservation: Reservation
    ) -> Answer:
        work = partial(
            store_batch,
            channel=dialect.channel,
            raw=delivery.body,
            batch=batch,
            received_at=delivery.received_at,
        )
        # What comes again need not be kept in memory for as long as the store is away.
        insist_seconds = 0.0 if dialect.comes_again else self._config.insist_seconds
        write = self._worker.submit(work, insist_seconds=insist_seconds)
        write.add_done_callback(partial(self._note_end, dialect=dialect))
        try:
            return _receipt(await self._in_time(write, dialect, reservation))
        except StoreError as error:
            return self._refuse_unstored(error, dialect)

    async def _keep_unreadable(
        self, delivery: Delivery, verdict: Unreadable, dialect: Dialect, reservation: Reservation
    ) -> Answer:
        work = partial(
            store_rejected,
            channel=dialect.channel,
            raw=delivery.body,
            reason=verdict.detail,
            received_at=delivery.received_at,
        )
        write = self._worker.submit(work, insist_seconds=self._config.insist_seconds)
        try:
            await self._in_time(write, dialect, reservation)
        except StoreError as error:
            return self._refuse_unstored(error, dialect)
        return self._refuse(400, IntakeRefusal.UNREADABLE, verdict.detail)

    async def _in_time(
        self, write: asyncio.Future[T], dialect: Dialect, reservation: Reservation
    ) -> T:
        """Wait for the commit as long as the PIM does.

        The write is not given up then, nor when the PIM hangs up: it may never deliver twice, so
        what can still be stored, is.
        """
        reservation.keep_for(write)
        seconds = dialect.answer_seconds
        await asyncio.wait({write}, timeout=seconds)
        if not write.done():
            why = f": {self._worker.problem}" if self._worker.problem else ""
            raise StoreNotWritable(f"no commit within {seconds:g} s{why}")
        stored = write.result()
        self._news.taken()
        return stored

    def _note_end(self, write: asyncio.Future[Stored], *, dialect: Dialect) -> None:
        error = write.exception()
        if error is None:
            self._trigger.wake()
        elif isinstance(error, StoreError) and not dialect.comes_again:
            # It is refused already, or will be now: the PIM never sends it again.
            self._refusals.count(IntakeRefusal.NEVER_STORED, self._config.clock(), str(error))

    def _refuse_body(self, what: BodyProblem, dialect: Dialect) -> Answer:
        match what:
            case BodyProblem.TOO_LARGE:
                limit = self._config.max_body_bytes
                detail = f"the body is over the limit of {limit} bytes"
                return self._refuse(413, IntakeRefusal.TOO_LARGE, detail)
            case BodyProblem.NO_ROOM:
                detail = "too many deliveries at once"
                if dialect.comes_again:
                    return self._refuse_for_now(dialect, detail)
                return self._refuse(dialect.busy, IntakeRefusal.NO_ROOM, detail)
            case BodyProblem.NEVER_CAME:
                return problem(408, "body_never_came", "the body did not arrive")
        assert_never(what)

    def _refuse_signature(self, refusal: SignatureRefusal, dialect: Dialect) -> Answer:
        is_clock = refusal.reason is RefusalReason.CLOCK_OFF
        detail = f"clock off by {refusal.clock_difference_seconds} s" if is_clock else None
        if dialect.channel is Channel.EVENT_PLATFORM:
            detail = f"Event Platform: {detail or 'AKENEO_EVENT_PLATFORM_SECRETS do not match'}"
        self._refusals.count(refusal.reason, self._config.clock(), detail)
        return problem(401, refusal.reason, refusal.reason.replace("_", " "))

    def _refuse_unstored(self, error: StoreError, dialect: Dialect) -> Answer:
        self._news.refused(error)
        if dialect.comes_again:
            return self._refuse_for_now(dialect, str(error))
        # Why is for the operator (`status`), not for whoever delivers.
        self._refusals.count(IntakeRefusal.NOT_WRITABLE, self._config.clock(), str(error))
        detail = "the store could not be written in time"
        return problem(dialect.busy, IntakeRefusal.NOT_WRITABLE, detail)

    def _refuse_for_now(self, dialect: Dialect, why: str) -> Answer:
        """Have it delivered again, more slowly."""
        self._refusals.count(IntakeRefusal.SLOWED_DOWN, self._config.clock(), why)
        return problem(dialect.busy, IntakeRefusal.SLOWED_DOWN, "not now: deliver it again")

    def _refuse(self, status: int, reason: IntakeRefusal, detail: str) -> Answer:
        self._refusals.count(reason, self._config.clock(), detail)
        return problem(status, reason, detail)


def _receipt(stored: Stored, *, reason: str = "stored") -> Answer:
    receipt = Receipt(
        accepted=stored.accepted, duplicates=stored.duplicates, invalid=stored.invalid
    )
    return Answer(receipt, status=200, reason=reason)
