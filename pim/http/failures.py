"""Failures in our words: every httpx exception and every status becomes a `SourceError`."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from json import dumps
from urllib.parse import quote, urlsplit

import httpx

from pim.canonical import load_json
from pim.errors import (
    InvalidAnswer,
    SourceBlocked,
    SourceError,
    SourceForbidden,
    SourceHungUp,
    SourceNotFound,
    SourceRateLimited,
    SourceRedirected,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from pim.json_types import as_object
from pim.texts import storable

EXCERPT_LENGTH = 200
LONGEST_WAIT_SECONDS = 86_400.0
"""Whoever asks for a longer wait is asked again after a day, and no sum of instants overflows."""

_WORTH_READING = 4096
_SHORTEST_SECRET = 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

_BY_STATUS: dict[int, tuple[type[SourceError], str]] = {
    HTTPStatus.UNAUTHORIZED: (SourceUnauthorized, "the source refuses the token"),
    HTTPStatus.FORBIDDEN: (SourceForbidden, "the source denies a right"),
    HTTPStatus.REQUEST_TIMEOUT: (SourceTimeout, "the source gave up waiting"),
    HTTPStatus.GATEWAY_TIMEOUT: (SourceTimeout, "the source did not answer its proxy in time"),
    HTTPStatus.TOO_MANY_REQUESTS: (SourceRateLimited, "the source asks for fewer calls"),
}

_REFUSALS = frozenset(range(400, 500)) - {
    *(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND),
    *(HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS),
}
"""The statuses that say the same whoever says them are left out."""

_BY_EXCEPTION: tuple[tuple[type[Exception], type[SourceError], str], ...] = (
    # The first match counts: a connection that never came about is no slow answer.
    (httpx.ConnectTimeout, SourceUnreachable, "no connection in time"),
    (httpx.PoolTimeout, SourceUnreachable, "no free connection in time"),
    (httpx.TimeoutException, SourceTimeout, "no whole answer in time"),
    (httpx.TooManyRedirects, SourceRedirected, "the source redirects in a circle"),
    (httpx.DecodingError, InvalidAnswer, "the answer's compression is damaged"),
    (httpx.UnsupportedProtocol, SourceUnreachable, "the base URL cannot be called"),
    (httpx.InvalidURL, SourceUnreachable, "the base URL cannot be called"),
    (httpx.LocalProtocolError, SourceUnauthorized, "the request cannot be sent: odd credentials"),
    (httpx.RemoteProtocolError, SourceHungUp, "the connection ended without an answer"),
    (httpx.ReadError, SourceHungUp, "the connection broke before an answer"),
    (httpx.TransportError, SourceUnreachable, "the connection failed"),
    (httpx.CookieConflict, InvalidAnswer, "the answer's cookies contradict each other"),
    (httpx.StreamError, InvalidAnswer, "the answer was cut"),
    (httpx.HTTPError, SourceUnreachable, "the call failed"),
)


def failure_of_exception(exception: Exception, *, method: str, path: str) -> SourceError:
    """The error for something that httpx raised before an answer began.

    The exception's own text is added where it cannot hold a secret (httpx quotes a bad header
    whole).
    """
    for kind, ours, message in _BY_EXCEPTION:
        if isinstance(exception, kind):
            detail = "" if kind is httpx.LocalProtocolError else _one_line(str(exception))
            shown = f"{message}: {detail}" if detail else message
            return ours(shown, method=method, path=path)
    return SourceUnreachable(
        f"the call failed: {type(exception).__name__}", method=method, path=path
    )


def failure_of_body(exception: Exception, *, method: str, path: str) -> SourceError:
    """The error for an answer that began and did not arrive whole."""
    if isinstance(exception, httpx.TimeoutException):
        return SourceTimeout("no whole answer in time", method=method, path=path)
    detail = _one_line(str(exception)) or type(exception).__name__
    return InvalidAnswer(f"the answer was cut: {detail}", method=method, path=path)


def failure_of_status(
    answer: httpx.Response, *, method: str, path: str, secrets: Sequence[str] = ()
) -> SourceError | None:
    """None for a success, else the error that the status stands for."""
    status = answer.status_code
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    theirs = parse_http_date(answer.headers.get("Date"))
    retry_after = parse_retry_after(
        answer.headers.get("Retry-After"), now=theirs or datetime.now(UTC)
    )
    kind, message = _kind_of(status, answer, is_asked_to_wait=retry_after is not None)
    return kind(
        message,
        method=method,
        path=path,
        status=status,
        excerpt=cut_excerpt(answer.content, secrets),
        retry_after=retry_after,
    )


def _kind_of(
    status: int, answer: httpx.Response, *, is_asked_to_wait: bool
) -> tuple[type[SourceError], str]:
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(answer.content)
    if status in _REFUSALS and not _is_of_the_pim(answer.content, status):
        return SourceBlocked, "refused, but not by the PIM itself: a firewall or proxy, perhaps"
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == HTTPStatus.SERVICE_UNAVAILABLE and is_asked_to_wait:
        return SourceRateLimited, "the source asks to wait"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return SourceRedirected, f"the source redirects to {_target(answer)}"
    return _by_hundred(status)


def _by_hundred(status: int) -> tuple[type[SourceError], str]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SourceServerError, "the source failed"
    if status >= HTTPStatus.BAD_REQUEST:
        return SourceRequestRefused, "the source refuses the request"
    return InvalidAnswer, "an answer of no known kind"


def _not_found(content: bytes) -> tuple[type[SourceError], str]:
    """Akeneo's own 404 says so in JSON; it says it of unknown routes too."""
    if not _is_of_the_pim(content, HTTPStatus.NOT_FOUND):
        return SourceUnexpectedNotFound, "not found, but not by the PIM itself"
    return SourceNotFound, "the source does not know it, or may not show it"


def _is_of_the_pim(content: bytes, status: int) -> bool:
    """Akeneo names the status again in its JSON; who stands between writes a page of its own."""
    try:
        body = as_object(load_json(content))
    except ValueError:
        return False
    return body.get("code") == status


def _target(answer: httpx.Response) -> str:
    """Scheme, host and path of the new place: enough to correct the base URL."""
    location = answer.headers.get("Location", "")
    try:
        parts = urlsplit(location)
    except ValueError:
        return "an unreadable place"
    host = parts.netloc.rpartition("@")[2]
    place = f"{parts.scheme}://{host}{parts.path}" if host else parts.path
    return _one_line(place) or "no place"


def parse_retry_after(header: str | None, *, now: datetime) -> float | None:
    """Seconds to wait, a day at most, from seconds or an HTTP date; None if absent or unreadable.

    `now`: the answer's own Date, since a date is meant by the clock of who wrote it.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT_SECONDS)
    instant = parse_http_date(text)
    if instant is None:
        return None
    return min(max(0.0, (instant - now).total_seconds()), LONGEST_WAIT_SECONDS)


def parse_http_date(header: str | None) -> datetime | None:
    """An HTTP date as aware UTC, or None."""
    try:
        instant = parsedate_to_datetime(header or "")
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def cut_excerpt(content: bytes, secrets: Sequence[str] = ()) -> str:
    """The beginning of an answer in one storable line, without any of our secrets."""
    text = content[:_WORTH_READING].decode("utf-8", "replace")
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            for form in (secret, html.escape(secret), quote(secret, safe=""), dumps(secret)[1:-1]):
                text = text.replace(form, "***")
    return _one_line(text)


def _one_line(text: str) -> str:
    return storable(" ".join(_CONTROL.sub(" ", text).split()))[:EXCERPT_LENGTH]
