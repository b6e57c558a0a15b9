"""Notices of the Event Platform, taken by a webhook of their own: what became of a subscription.

They are seldom, and come three times at most. What they tell is an alarm; whoever looks after the
subscriptions asks the platform itself, too, for a host that is down hears no notice.
"""

from fastapi import Request

from pim.errors import BatchRejected
from pim.event_platform import Notice, check_platform_signature, check_time, parse_notice
from pim.signature import TOLERANCE, SignatureRefusal
from receiver.answers import Answer, Noted, problem
from receiver.body import BodyProblem, ReservedBytes, read_body
from receiver.config import MEBIBYTE, ReceiverConfig
from receiver.delivery import PRIMARY_HEADER, join_header
from receiver.refusals import IntakeRefusal, RefusalCounter
from receiver.store_worker import StoreWorker
from storage import StoreError, Transaction
from storage.inbox import store_notice
from storage.state import note_platform_notice

_MOST_BYTES = MEBIBYTE


class NoticeDesk:
    """Answers notices; belongs to one event loop."""

    def __init__(
        self, config: ReceiverConfig, *, worker: StoreWorker, refusals: RefusalCounter
    ) -> None:
        self._config = config
        self._worker = worker
        self._refusals = refusals
        self._memory = ReservedBytes(4 * _MOST_BYTES)

    async def answer(self, request: Request) -> Answer:
        """Answer one notice; 200 once what it tells is stored, or was before."""
        with self._memory.reserve() as reservation:
            body = await read_body(
                request.stream(),
                limit=_MOST_BYTES,
                reservation=reservation,
                within_seconds=self._config.body_seconds,
            )
        if isinstance(body, BodyProblem):
            status = {BodyProblem.TOO_LARGE: 413, BodyProblem.NO_ROOM: 429}.get(body, 408)
            return problem(status, body, "the body is too long, or did not arrive")
        return await self._answer_body(body, join_header(request.headers.getlist(PRIMARY_HEADER)))

    async def _answer_body(self, body: bytes, signature: str | None) -> Answer:
        secret = self._config.notice_secret
        refusal = check_platform_signature(
            secrets=[] if secret is None else [secret.get_secret_value()],
            signatures=[signature],
            body=body,
        )
        if refusal is not None:
            return self._refuse(refusal, "AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET does not match")
        try:
            notice = parse_notice(body)
        except BatchRejected as error:
            self._refusals.count(IntakeRefusal.UNREADABLE, self._config.clock(), error.detail)
            return problem(400, IntakeRefusal.UNREADABLE, error.detail)
        old = check_time(notice.at, now=self._config.clock(), window=TOLERANCE)
        if old is not None:
            return self._refuse(old, f"clock off by {old.clock_difference_seconds} s")
        return await self._store(notice)

    def _refuse(self, refusal: SignatureRefusal, detail: str) -> Answer:
        told = f"Event Platform's notice: {detail}"
        self._refusals.count(refusal.reason, self._config.clock(), told)
        return problem(401, refusal.reason, refusal.reason.replace("_", " "))

    async def _store(self, notice: Notice) -> Answer:
        now = self._config.clock()

        def store(tx: Transaction) -> bool:
            is_new = store_notice(tx, notice, received_at=now)
            if is_new:
                note_platform_notice(tx, notice)
            return is_new

        try:
            is_new = await self._worker.write(store)
        except StoreError as error:
            self._refusals.count(IntakeRefusal.SLOWED_DOWN, now, str(error))
            return problem(429, IntakeRefusal.SLOWED_DOWN, "not now: send it again")
        return Answer(Noted(new=is_new), status=200, reason="notice")
