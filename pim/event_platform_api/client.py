"""Client of the management API: it speaks as the connection, with the PIM's own token."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from pim.canonical import load_json
from pim.errors import PlatformError, SourceError
from pim.event_platform_api.answers import (
    LogEntry,
    Subscriber,
    Subscription,
    read_items,
    read_log_entry,
    read_problems,
    read_subscriber,
    read_subscription,
)
from pim.event_platform_api.errors import (
    PlatformConflict,
    PlatformForbidden,
    PlatformNotFound,
    PlatformRefused,
    PlatformUnauthorized,
    PlatformUnreachable,
)
from pim.event_platform_api.wanted import WantedSubscriber, WantedSubscription
from pim.http import (
    BROKEN,
    CallGate,
    Clock,
    HttpTransport,
    PimConnection,
    SemaphoreGate,
    cut_excerpt,
    failure_of_exception,
    open_client,
    read_bounded,
    tokens_for,
)
from pim.json_types import JsonObject, JsonValue

CHECKBOX = "the Event Platform checkbox on the connection's page in the PIM"

_MOST_BYTES = 16 * 1024 * 1024
_CHECK_URL = "check AKENEO_EVENT_PLATFORM_URL, and that this machine may call it"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    payload: JsonObject | None = None
    query: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()


class EventPlatformClient:
    """One session with the management API: an async context manager.

    Raises `PlatformError` where the platform fails or refuses, `SourceError` where the PIM gives no
    token for it. A refused token is renewed once; all other retry is the caller's. `gate` is the
    PIM's call budget, for the login. `transport` replaces the network to both in tests.
    """

    def __init__(
        self,
        connection: PimConnection,
        *,
        api_url: str,
        client_id: str,
        gate: CallGate | None = None,
        clock: Clock = lambda: datetime.now(UTC),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._pim = HttpTransport(connection, clock=clock, transport=transport)
        self._tokens = tokens_for(connection, self._pim, gate or SemaphoreGate(), clock)
        self._api_url = api_url.rstrip("/")
        self._client_id = client_id
        self._timeout = connection.timeout_seconds
        self._client = open_client(self._api_url, timeout=self._timeout, transport=transport)

    async def __aenter__(self) -> Self:
        """Nothing is asked before the first call."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._client.aclose()
        await self._pim.close()

    @property
    def subject(self) -> str:
        """The PIM's address, which the platform calls the subject."""
        return self._pim.base_url

    async def list_subscribers(self) -> list[Subscriber]:
        """List this connection's subscribers; those of other connections are never shown."""
        answer = await self._call(_Request("GET", "/subscribers"))
        return [read_subscriber(each) for each in read_items(answer)]

    async def create_subscriber(self, wanted: WantedSubscriber) -> Subscriber:
        """Make a subscriber."""
        return read_subscriber(await self._call(_sending("POST", "/subscribers", wanted)))

    async def update_subscriber(self, subscriber_id: str, wanted: WantedSubscriber) -> Subscriber:
        """Bring a subscriber to what is wanted."""
        path = f"/subscribers/{_part(subscriber_id)}"
        return read_subscriber(await self._call(_sending("PATCH", path, wanted)))

    async def delete_subscriber(self, subscriber_id: str) -> None:
        """Delete a subscriber for good, with its subscriptions."""
        await self._call(_Request("DELETE", f"/subscribers/{_part(subscriber_id)}"))

    async def list_subscriptions(self, subscriber_id: str) -> list[Subscription]:
        """List a subscriber's subscriptions: the active and the suspended ones."""
        answer = await self._call(_Request("GET", _subscriptions(subscriber_id)))
        return [read_subscription(each) for each in read_items(answer)]

    async def read_subscription(self, subscriber_id: str, subscription_id: str) -> Subscription:
        """Read one subscription."""
        path = _subscriptions(subscriber_id, subscription_id)
        return read_subscription(await self._call(_Request("GET", path)))

    async def create_subscription(
        self, subscriber_id: str, wanted: WantedSubscription
    ) -> Subscription:
        """Make a subscription; it takes several minutes until it delivers."""
        path = _subscriptions(subscriber_id)
        return read_subscription(await self._call(_sending("POST", path, wanted)))

    async def update_subscription(
        self, subscriber_id: str, subscription_id: str, wanted: WantedSubscription
    ) -> Subscription:
        """Bring a subscription to what is wanted: every field of ours is sent, secrets too."""
        path = _subscriptions(subscriber_id, subscription_id)
        return read_subscription(await self._call(_sending("PATCH", path, wanted)))

    async def suspend(self, subscriber_id: str, subscription_id: str) -> None:
        """Suspend a subscription: what happens meanwhile is not delivered later."""
        path = f"{_subscriptions(subscriber_id, subscription_id)}/suspend"
        await self._call(_Request("POST", path))

    async def resume(self, subscriber_id: str, subscription_id: str) -> None:
        """Resume a suspended subscription."""
        path = f"{_subscriptions(subscriber_id, subscription_id)}/resume"
        await self._call(_Request("POST", path))

    async def delete_subscription(self, subscriber_id: str, subscription_id: str) -> None:
        """Delete a subscription for good."""
        path = _subscriptions(subscriber_id, subscription_id)
        await self._call(_Request("DELETE", path))

    async def read_log(
        self, *, kind: str | None = None, subscription_id: str | None = None, limit: int = 50
    ) -> list[LogEntry]:
        """Read the newest lines of the log; `kind`: `error`, `action`, or None for both."""
        query = [("order", "desc"), ("limit", str(limit))]
        query += [("log_type", kind)] if kind else []
        query += [("subscription_id", subscription_id)] if subscription_id else []
        answer = await self._call(_Request("GET", "/logs", query=tuple(query)))
        return [read_log_entry(each) for each in read_items(answer)]

    async def _call(self, request: _Request) -> JsonValue:
        token = await self._tokens.bearer()
        try:
            return await self._attempt(request, token)
        except PlatformUnauthorized:
            renewed = await self._tokens.renewed(token)
        return await self._attempt(request, renewed)

    async def _attempt(self, request: _Request, token: str) -> JsonValue:
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._send(request, token)
        except TimeoutError as error:
            text = f"no whole answer in {self._timeout:g} s ({request.method} {request.path})"
            raise _unreachable(text) from error
        except SourceError as error:  # of the answer's size or packing, in the words of `pim.http`
            raise _unreachable(str(error)) from error
        if not answer.is_success:
            raise _failure_of(answer, request, secrets=(*request.secrets, token))
        if not answer.content.strip():
            return None
        try:
            return load_json(answer.content)
        except ValueError as error:
            text = f"what answers is no JSON ({request.method} {request.path})"
            raise _unreachable(text) from error

    async def _send(self, request: _Request, token: str) -> httpx.Response:
        headers = {
            "X-PIM-URL": self._pim.base_url,
            "X-PIM-TOKEN": token,
            "X-PIM-CLIENT-ID": self._client_id,
            "Content-Type": "application/json",
        }
        prepared = self._client.build_request(
            request.method,
            f"{self._api_url}{request.path}",
            params=dict(request.query) or None,
            json=request.payload,
            headers={name.encode(): value.encode() for name, value in headers.items()},
        )
        where = {"method": request.method, "path": request.path}
        try:
            answer = await self._client.send(prepared, stream=True)
        except httpx.LocalProtocolError as error:  # its text quotes headers: not even as a cause
            raise _unreachable(str(failure_of_exception(error, **where))) from None
        except BROKEN as error:
            raise _unreachable(str(failure_of_exception(error, **where))) from error
        try:
            return await read_bounded(answer, limit=_MOST_BYTES, **where)
        except BROKEN as error:
            raise _unreachable(str(failure_of_exception(error, **where))) from error
        finally:
            await answer.aclose()


def _sending(method: str, path: str, wanted: WantedSubscriber | WantedSubscription) -> _Request:
    hidden = (
        (wanted.notification_secret,) if isinstance(wanted, WantedSubscriber) else wanted.secrets
    )
    secrets = tuple(secret.get_secret_value() for secret in hidden if secret is not None)
    return _Request(method, path, wanted.payload(), secrets=secrets)


def _subscriptions(subscriber_id: str, subscription_id: str | None = None) -> str:
    path = f"/subscribers/{_part(subscriber_id)}/subscriptions"
    return path if subscription_id is None else f"{path}/{_part(subscription_id)}"


def _part(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")


def _unreachable(text: str, *, cure: str = _CHECK_URL, status: int | None = None) -> PlatformError:
    return PlatformUnreachable(f"the Event Platform: {text}", cure=cure, status=status)


def _failure_of(
    answer: httpx.Response, request: _Request, *, secrets: Sequence[str]
) -> PlatformError:
    """The error that a status other than 2xx stands for, without any of our secrets."""
    status = answer.status_code
    try:
        said = read_problems(load_json(answer.content))
    except ValueError:
        said = ""
    known = cut_excerpt(said.encode() if said else answer.content, secrets)
    call = f"{request.method} {request.path}, status {status}"
    where = f"({call}: {known})" if known else f"({call})"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return _unreachable(f"it failed {where}", cure="run it again later", status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _unreachable(
            f"it asks for fewer calls {where}", cure="run it again later", status=status
        )
    if status < HTTPStatus.BAD_REQUEST:
        return _unreachable(
            f"it redirects, and no token is sent elsewhere {where}",
            cure="set AKENEO_EVENT_PLATFORM_URL to the final address",
            status=status,
        )
    kind, text, cure = _refusal(status, is_the_platforms=bool(said))
    return kind(f"{text} {where}", cure=cure, status=status)


def _refusal(status: int, *, is_the_platforms: bool) -> tuple[type[PlatformError], str, str]:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return (
                PlatformUnauthorized,
                "the Event Platform does not take the PIM's token",
                (
                    "check that AKENEO_BASE_URL is the PIM's own https address, and"
                    " AKENEO_CLIENT_ID that of the connection (or App) that the token is of"
                ),
            )
        case HTTPStatus.FORBIDDEN if is_the_platforms:
            return (
                PlatformForbidden,
                "the Event Platform denies it to this connection",
                f"tick {CHECKBOX}, and wait some minutes",
            )
        case HTTPStatus.FORBIDDEN:
            return (
                PlatformForbidden,
                "denied, and not in the Event Platform's words",
                f"have a firewall or proxy let this call pass; else tick {CHECKBOX}",
            )
        case HTTPStatus.NOT_FOUND:
            return (
                PlatformNotFound,
                "the Event Platform knows no such thing of this connection",
                (
                    "`akeneo-sync subscriptions list` shows what there is; if that fails as well,"
                    " check AKENEO_EVENT_PLATFORM_URL"
                ),
            )
        case HTTPStatus.CONFLICT:
            return (
                PlatformConflict,
                "the Event Platform says that it is too late, or that there are too many",
                (
                    "at most 20 subscribers a PIM and 20 subscriptions each: delete what is not"
                    " used; what is deleted stays so, make a new one"
                ),
            )
        case _:
            return (
                PlatformRefused,
                "the Event Platform refuses the request",
                "change what it names; `akeneo-sync subscriptions logs` may say more",
            )
