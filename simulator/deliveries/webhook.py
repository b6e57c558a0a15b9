"""One POST to the subscriber, as the PIM makes it: signed, half a second, no second try."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from pim.signature import sign_delivery
from simulator.deliveries.envelope import Payload
from simulator.deliveries.ledger import Answer
from simulator.simulation import Clock

USER_AGENT = "AkeneoPIM/7.0.65"


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
            transport=transport, follow_redirects=False, timeout=timeout_seconds, trust_env=False
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
