"""Bearers: the grants of the token endpoint, and the check of what was given out."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from pim.json_types import JsonObject, JsonValue
from simulator.config import SimulatorConfig
from simulator.errors import ApiError, unprocessable

BAD_CLIENT = 'Parameter "client_id" is missing or does not match any client, or secret is invalid'
_REFRESH_LIFE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A connection's client and user."""

    client_id: str
    client_secret: str
    username: str
    password: str


class TokenDesk:
    """Gives out bearers and checks them, on the PIM's clock.

    A refresh token is good for one exchange; a bearer given out before stays good until it ends.
    """

    def __init__(self, config: SimulatorConfig, clock: Callable[[], datetime]) -> None:
        self._known = Credentials(
            config.client_id, config.client_secret, config.username, config.password
        )
        self._app_token = config.app_token
        self._clock = clock
        self._bearers: dict[str, datetime] = {}
        self._refreshes: dict[str, datetime] = {}
        self.token_seconds = config.token_seconds
        self.is_locked = False

    def exchange(self, authorization: str | None, grant: JsonObject) -> JsonObject:
        """Answer a token request.

        Raises:
            ApiError: 422, the client, the user or the refresh token is not good, or the
                connection is locked out.
        """
        self._check_client(authorization, grant)
        if self.is_locked:
            raise unprocessable("No user found for the given username and password")
        match grant.get("grant_type"):
            case "password":
                self._check_user(grant)
            case "refresh_token":
                self._use_refresh(grant.get("refresh_token"))
            case None:
                raise unprocessable('Parameter "grant_type" is missing or empty')
            case _:
                raise unprocessable("Grant type is not supported")
        return self._issue()

    def check(self, authorization: str | None) -> None:
        """Let a call with this Authorization header pass.

        Raises:
            ApiError: 401, no bearer, one the PIM does not know, or one that has ended.
        """
        scheme, _, bearer = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not bearer:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "Authentication is required")
        if self._app_token is not None and _same(bearer, self._app_token):
            return
        ends_at = self._bearers.get(bearer)
        if ends_at is None:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "The access token provided is invalid.")
        if ends_at <= self._clock():
            raise ApiError(HTTPStatus.UNAUTHORIZED, "The access token provided has expired.")

    def end_all(self, *, refreshes: bool = False, as_expired: bool = False) -> None:
        """End every bearer at once, and the refresh tokens too if asked.

        `as_expired`: as if their time had come; else they are revoked, and unknown from now on.
        """
        now = self._clock()
        self._bearers = dict.fromkeys(self._bearers, now) if as_expired else {}
        if refreshes:
            self._refreshes.clear()

    def _issue(self) -> JsonObject:
        now = self._clock()
        bearer, refresh = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
        self._bearers = {each: end for each, end in self._bearers.items() if end > now}
        self._bearers[bearer] = now + timedelta(seconds=self.token_seconds)
        self._refreshes[refresh] = now + _REFRESH_LIFE
        return {
            "access_token": bearer,
            "expires_in": int(self.token_seconds),
            "token_type": "bearer",
            "scope": None,
            "refresh_token": refresh,
        }

    def _check_client(self, authorization: str | None, grant: JsonObject) -> None:
        client_id, client_secret = _basic(authorization)
        if not client_id:
            client_id = _text(grant.get("client_id"))
            client_secret = _text(grant.get("client_secret"))
        known = _same(client_id, self._known.client_id)
        if not (known and _same(client_secret, self._known.client_secret)):
            raise unprocessable(BAD_CLIENT)

    def _check_user(self, grant: JsonObject) -> None:
        known = _same(_text(grant.get("username")), self._known.username)
        if not (known and _same(_text(grant.get("password")), self._known.password)):
            raise unprocessable("No user found for the given username and password")

    def _use_refresh(self, token: JsonValue) -> None:
        ends_at = self._refreshes.pop(_text(token), None)
        if ends_at is None or ends_at <= self._clock():
            raise unprocessable("Refresh token is invalid or has expired")


def _basic(authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = decoded.partition(":")
    return name, secret


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
