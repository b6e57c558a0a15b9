"""One POST of the Event Platform, and why it did not arrive."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

import httpx

from pim.http import trusted_certificates
from simulator.config import EventPlatformConfig
from simulator.news import signature_headers
from simulator.platform.specs import Spec

_FAILURE = "an error was returned when calling the destination, or it took too long to respond"
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "dns_lookup_failure"),
    (ssl.SSLCertVerificationError, "invalid_certificate"),
    (ssl.SSLError, "invalid_tls_handshake"),
    (ConnectionResetError, "connection_reset"),
    (httpx.ConnectError, "connection_refused"),
    (httpx.RemoteProtocolError, "unexpected_eof"),
    (httpx.ReadError, "connection_reset"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt got; `status` None: no answer. `reason` as the logs name it."""

    status: int | None
    reason: str = ""
    message: str = ""

    @property
    def is_throttle(self) -> bool:
        """Whether the destination asked for fewer events."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS

    @property
    def is_misdirected(self) -> bool:
        """Whether there is nothing to deliver to: not found, or a redirect."""
        return self.status == HTTPStatus.NOT_FOUND or self.is_redirect

    @property
    def is_redirect(self) -> bool:
        """Whether it was sent elsewhere."""
        return self.status is not None and 300 <= self.status < 400  # noqa: PLR2004 - 3xx

    @property
    def is_transient(self) -> bool:
        """Whether another attempt may do better: no answer, or the server's fault."""
        return self.status is None or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    def is_accepted(self, config: EventPlatformConfig) -> bool:
        """Whether the event was delivered."""
        if config.accept_status == "2xx":
            return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - 2xx
        return self.status == HTTPStatus.OK


class Sender:
    """Posts signed bodies. Whatever comes back is an outcome, and never an error."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None) -> None:
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=trusted_certificates(),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
        )

    async def deliver(
        self, config: EventPlatformConfig, spec: Spec, body: bytes, *, secret: str | None = None
    ) -> Outcome:
        """Send one event to a subscription's destination; `secret`: another one signs it alone."""
        headers = {
            **spec.headers,
            "Content-Type": config.content_type,
            "User-Agent": config.user_agent,
        }
        if config.x_correlation_id == "random":
            headers["X-Correlation-ID"] = str(uuid4())
        if secret is None:
            headers.update(signature_headers(body, spec.primary, spec.secondary))
        else:
            headers.update(signature_headers(body, secret))
        return await self.post(spec.url, body, headers, config.timeout_s)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float
    ) -> Outcome:
        """Send a body."""
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._client.post(
                    url, content=body, headers=headers, timeout=timeout_s
                )
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(None, "destination_timeout", _FAILURE)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(None, _reason(error), str(error) or _FAILURE)
        return _outcome(answer.status_code)

    async def head(self, url: str, timeout_s: float) -> int | None:
        """The status of a HEAD request; None: no answer."""
        try:
            return (await self._client.head(url, timeout=timeout_s)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _outcome(status: int) -> Outcome:
    outcome = Outcome(status)
    if outcome.status == HTTPStatus.NOT_FOUND:
        return Outcome(status, "destination_not_found", "the destination was not found")
    if outcome.is_redirect:
        return Outcome(status, "destination_redirected", "the destination answered a redirect")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Outcome(status, "authentication_failed", _FAILURE)
    return Outcome(status, "destination_failure", _FAILURE)


def _reason(error: Exception) -> str:
    """What the logs call a failure of the network, by what lies under it."""
    chain: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None:
        chain.append(seen)
        seen = seen.__cause__ or seen.__context__
    # The innermost knows most; the last kinds are said of any failure of their sort.
    for kind, reason in _REASONS:
        if any(isinstance(each, kind) for each in chain):
            return reason
    return "destination_failure"
