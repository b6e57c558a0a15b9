"""Tokens: gained by password, renewed ahead of their end, renewed once by many who ask at once."""

import asyncio
import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pim.blame import blame_source
from pim.errors import (
    InvalidAnswer,
    SourceBlocked,
    SourceError,
    SourceRequestRefused,
    SourceUnauthorized,
)
from pim.http.call_causes import calls_for
from pim.http.connection import AppToken, CallGate, Clock, PasswordCredentials, PimConnection
from pim.http.transport import ApiRequest, HttpTransport
from pim.json_types import JsonObject, as_object, as_text
from pim.vocabulary import CallCause

TOKEN_PATH = "api/oauth/v1/token"  # noqa: S105 - a path, not a secret
RENEW_AHEAD = timedelta(seconds=60)
"""Longer than any one call may take, so a token does not end in the middle of one."""

_DEFAULT_LIFETIME = timedelta(hours=1)


class TokenSource(Protocol):
    """Where the bearer tokens come from."""

    async def bearer(self) -> str:
        """A token that is good by our clock."""
        ...

    async def renewed(self, refused: str) -> str:
        """Another token than the one the source has just refused.

        Raises:
            SourceUnauthorized: there is none to be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class FixedToken:
    """An App's token: it never ends, cannot be renewed, and may be revoked at any time."""

    app: AppToken

    async def bearer(self) -> str:
        """The one token."""
        return self.app.access_token.get_secret_value()

    async def renewed(self, refused: str) -> str:  # noqa: ARG002 - the protocol's signature
        """Raise SourceUnauthorized: an App's token cannot be renewed."""
        raise SourceUnauthorized("credentials refused: the App's access token is not accepted")


@dataclass(frozen=True, slots=True)
class _Tokens:
    """What one login brought; replaced whole, because the source rotates both at once."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    renew_at: datetime


class PasswordTokens:
    """The tokens of a connection; any number of tasks may ask, one of them goes to the source."""

    def __init__(
        self,
        credentials: PasswordCredentials,
        *,
        transport: HttpTransport,
        gate: CallGate,
        clock: Clock,
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._gate = gate
        self._clock = clock
        self._renewal = asyncio.Lock()
        self._tokens: _Tokens | None = None

    async def bearer(self) -> str:
        """The access token, renewed ahead of its end."""
        tokens = self._tokens
        if tokens is not None and self._clock() < tokens.renew_at:
            return tokens.access
        return await self._renew_unless_done(tokens)

    async def renewed(self, refused: str) -> str:
        """A newer token than the refused one; nobody asks the source if another task has."""
        tokens = self._tokens
        if tokens is not None and tokens.access != refused:
            return tokens.access
        return await self._renew_unless_done(tokens)

    async def _renew_unless_done(self, seen: _Tokens | None) -> str:
        async with self._renewal:
            current = self._tokens
            if current is None or current is seen:
                current = await self._renew(current)
                self._tokens = current
            return current.access

    async def _renew(self, current: _Tokens | None) -> _Tokens:
        if current is not None and current.refresh is not None:
            try:
                return await self._ask(
                    {"grant_type": "refresh_token", "refresh_token": current.refresh}
                )
            except SourceBlocked as error:
                raise blame_source(error) from error
            except (SourceRequestRefused, SourceUnauthorized):
                pass  # a refresh token ends too, or is revoked with the rest: log in again
        try:
            return await self._ask(
                {
                    "grant_type": "password",
                    "username": self._credentials.username,
                    "password": self._credentials.password.get_secret_value(),
                }
            )
        except SourceBlocked as error:  # a page of a firewall says nothing of the credentials
            raise blame_source(error) from error
        except (SourceRequestRefused, SourceUnauthorized) as error:
            raise _credentials_refused(error) from error

    async def _ask(self, payload: JsonObject) -> _Tokens:
        secrets = tuple(str(value) for name, value in payload.items() if name != "grant_type")
        client = self._credentials
        pair = f"{client.client_id}:{client.client_secret.get_secret_value()}".encode()
        basic = f"Basic {base64.b64encode(pair).decode()}"
        request = ApiRequest(
            "POST", TOKEN_PATH, payload=payload, authorization=basic, secrets=secrets
        )
        async with self._gate.call():
            asked_at = self._clock()
            with calls_for(CallCause.LOGIN):
                answer = await self._transport.exchange(request)
        return _parse_tokens(as_object(answer.body), asked_at)


def _parse_tokens(body: JsonObject, asked_at: datetime) -> _Tokens:
    access = as_text(body.get("access_token"))
    if not access:
        raise InvalidAnswer("the login's answer holds no token", method="POST", path=TOKEN_PATH)
    lifetime = _lifetime(body)
    ahead = min(RENEW_AHEAD, lifetime / 2)
    return _Tokens(access, as_text(body.get("refresh_token")), asked_at + lifetime - ahead)


def _lifetime(body: JsonObject) -> timedelta:
    seconds = body.get("expires_in")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return _DEFAULT_LIFETIME
    try:
        return max(timedelta(0), timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        return _DEFAULT_LIFETIME


def _credentials_refused(error: SourceError) -> SourceUnauthorized:
    """The PIM answers 422 to a wrong client id, secret, user name or password."""
    return SourceUnauthorized(
        f"credentials refused: {error.excerpt or error.message}",
        method=error.method,
        path=error.path,
        status=error.status,
    )


def tokens_for(
    connection: PimConnection, transport: HttpTransport, gate: CallGate, clock: Clock
) -> TokenSource:
    """The tokens of a connection's credentials."""
    if isinstance(connection.credentials, AppToken):
        return FixedToken(connection.credentials)
    return PasswordTokens(connection.credentials, transport=transport, gate=gate, clock=clock)
