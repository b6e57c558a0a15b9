"""A shop that is told by webhook: it checks signatures in its own way, and keeps a copy.

What it answers is its `fate`, for each request anew.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from pim.canonical import load_json
from pim.json_types import JsonObject, as_object


class Fate(StrEnum):
    """What becomes of a request at the shop."""

    TAKEN = "taken"
    REFUSED = "refused"
    APPLIED_AND_REFUSED = "applied, and no confirmation comes back"
    SLOWED = "429 with Retry-After"
    GONE = "410"
    ELSEWHERE = "a redirect"
    HANGS = "no answer"


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    id: str
    kind: str
    changes: tuple[JsonObject, ...]
    signatures: int
    fate: Fate

    @property
    def numbers(self) -> list[int]:
        return [int(str(each["seq"])) for each in self.changes]


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """By the words of Standard Webhooks: any one signature that is good is enough."""
    signed = b".".join(
        [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body]
    )
    key = base64.b64decode(secret.split("_", 1)[1])
    good = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(each, f"v1,{good}") for each in given)


@dataclass
class HookShop:
    """`copy` holds documents by key; `applied` what was taken into it, by `webhook-id`."""

    secret: str = ""
    fate: Callable[[], Fate] = lambda: Fate.TAKEN
    copy: dict[str, JsonObject] = field(default_factory=dict)
    applied: set[str] = field(default_factory=set)
    received: list[Received] = field(default_factory=list)
    forged: int = 0

    def take(self, headers: Mapping[str, str], body: bytes) -> Fate:
        """Take a request; what is applied is applied as a whole, once."""
        if not is_signed(self.secret, headers, body):
            self.forged += 1
            return Fate.REFUSED
        message: dict[str, Any] = as_object(load_json(body))
        fate = self.fate()
        changes = tuple(message["data"].get("changes", ()))
        signatures = len(headers["webhook-signature"].split(" "))
        hook_id = headers["webhook-id"]
        self.received.append(Received(hook_id, message["type"], changes, signatures, fate))
        if fate in (Fate.TAKEN, Fate.APPLIED_AND_REFUSED) and hook_id not in self.applied:
            self.applied.add(hook_id)
            self._apply(changes)
        return fate

    def _apply(self, changes: tuple[JsonObject, ...]) -> None:
        for change in changes:
            key, document = str(change["key"]), change.get("document")
            if document is None:
                self.copy.pop(key, None)
            else:
                self.copy[key] = as_object(document)

    def app(self) -> FastAPI:
        """The application that listens to the shop's address."""
        app = FastAPI()

        @app.post("/hook")
        async def hook(request: Request) -> Response:
            fate = self.take(request.headers, await request.body())
            if fate is Fate.HANGS:
                await request.receive()  # which ends when the sender hangs up
            return _answer_of(fate)

        @app.post("/elsewhere")
        async def elsewhere() -> Response:
            raise AssertionError("a redirect was followed")

        return app


def _answer_of(fate: Fate) -> Response:
    match fate:
        case Fate.TAKEN | Fate.HANGS:
            return Response(status_code=204)
        case Fate.SLOWED:
            return Response(status_code=429, headers={"Retry-After": "90"})
        case Fate.GONE:
            return Response("not here any more", status_code=410)
        case Fate.ELSEWHERE:
            return Response(status_code=301, headers={"Location": "/elsewhere"})
        case _:
            return Response("out of\norder", status_code=500)
