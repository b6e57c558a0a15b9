"""The gate that every call passes: whose token it is, and how many calls that is good for."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.config import ApiConfig
from api.reads import Reads
from storage import StoreError
from storage.state import find_token

OPEN_PATHS = frozenset({"/livez", "/openapi.json"})
_MOST_KNOWN = 10_000
_LONGEST_TOKEN = 200


@dataclass(slots=True)
class Bucket:
    """A token bucket: full at first, filled again at a rate."""

    rate: float
    size: float
    level: float
    filled_at: float

    def take(self, now: float) -> float:
        """Take one call; answer how many seconds to wait for one, 0 if it was taken."""
        self.level = min(self.size, self.level + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.level < 1:
            return (1 - self.level) / self.rate
        self.level -= 1
        return 0.0


class Gate:
    """Lets in who sends a good token, no more often than agreed; the few open paths apart.

    Before routing: who has no token learns nothing, not even what there is.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        reads: Reads,
        config: ApiConfig,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._reads = reads
        self._config = config
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by itself, or let the application answer."""
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            refusal = await self._judge(Headers(scope=scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _judge(self, headers: Headers) -> Response | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _refuse(401, "send a token: Authorization: Bearer TOKEN", _CHALLENGE)
        try:
            name = await self._name_of(token.strip()[:_LONGEST_TOKEN])
        except StoreError as error:
            return _refuse(503, str(error), {"Retry-After": "5"})
        if name is None:
            return _refuse(401, "this token is not good, or no longer", _CHALLENGE)
        wait = self._bucket_of(name).take(self._clock())
        if wait > 0:
            seconds = {"Retry-After": str(int(wait) + 1)}
            return _refuse(429, "too many calls with this token: wait a moment", seconds)
        return None

    async def _name_of(self, token: str) -> str | None:
        now = self._clock()
        known = self._known.get(token)
        if known is not None and now < known[1]:
            return known[0]
        name = await self._reads.read(lambda tx: find_token(tx, token))
        self._known.pop(token, None)
        if name is not None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[token] = (name, now + self._config.token_seconds)
        return name

    def _bucket_of(self, name: str) -> Bucket:
        size = max(1.0, self._config.calls_per_second * self._config.burst)
        full = Bucket(self._config.calls_per_second, size, size, self._clock())
        return self._buckets.setdefault(name, full)


_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _refuse(status: int, detail: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"detail": detail}, status_code=status, headers=headers)
