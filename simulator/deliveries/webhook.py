"""One POST to the subscriber, as the PIM makes it: signed, half a second, no second try.

The ledger says what became of the deliveries: counts, and the last answers.
"""

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime

import httpx

from pim.http import trusted_certificates
from pim.json_types import JsonObject
from pim.signature import sign_delivery
from simulator.deliveries.envelope import Payload
from simulator.simulation import Clock

_REMEMBERED = 50
_EXCERPT = 200

USER_AGENT = "AkeneoPIM/7.0.65"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one POST got; `status` is a number, `timeout` or `unreachable`."""

    at: datetime
    status: str
    events: int
    seconds: float
    forged: bool = False
    excerpt: str = ""


class Ledger:
    """Counts deliveries by what happened to them, and answers by status."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._forged_answers: Counter[str] = Counter()
        self._last: deque[Answer] = deque(maxlen=_REMEMBERED)

    def note(self, answer: Answer) -> None:
        """Take down an answer."""
        kind = "forged_sent" if answer.forged else "sent"
        self.counts[kind] += 1
        (self._forged_answers if answer.forged else self._answers)[answer.status] += 1
        if not answer.forged:
            self.counts["events_sent"] += answer.events
        self._last.append(answer)

    def report(self) -> JsonObject:
        """Everything, the newest answer last."""
        return {
            "counts": {**self.counts},
            "answers": {**self._answers},
            "forged_answers": {**self._forged_answers},
            "last_answers": [
                {
                    "at": answer.at.isoformat(),
                    "status": answer.status,
                    "events": answer.events,
                    "seconds": round(answer.seconds, 4),
                    "forged": answer.forged,
                    "excerpt": answer.excerpt[:_EXCERPT],
                }
                for answer in self._last
            ],
        }


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to tell, and with which secret to sign."""

    url: str
    secret: str


class Webhook:
    """Posts bodies to a subscription. Whatever comes back is an answer, and never an error."""

    def __init__(
        self, clock: Clock, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=trusted_certificates(),
            follow_redirects=False,
            timeout=timeout_seconds,
            trust_env=False,
        )

    async def post(
        self, subscription: Subscription, payload: Payload, *, forged: bool = False
    ) -> Answer:
        """Send one delivery and say what it got."""
        at = self._clock()
        started = time.perf_counter()
        status, excerpt = await self._attempt(subscription, payload.body, str(int(at.timestamp())))
        seconds = time.perf_counter() - started
        return Answer(at, status, payload.events, seconds, forged, excerpt)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _attempt(
        self, subscription: Subscription, body: bytes, timestamp: str
    ) -> tuple[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Akeneo-Request-Signature": sign_delivery(subscription.secret, timestamp, body),
            "X-Akeneo-Request-Timestamp": timestamp,
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._client.post(subscription.url, content=body, headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            return "timeout", ""
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return "unreachable", str(error)
        return str(answer.status_code), answer.text
