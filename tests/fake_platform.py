"""A small management API of the Event Platform, strict about what is sent, beside a PIM's login.

Its answers are as the platform's are where nobody likes them: null for empty lists, nine fraction
digits, 202 without having done it, secrets redacted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

API = "/api/v1"
REDACTED = "***redacted***"
CREATED = "2026-11-20T09:00:00.128450282Z"


@dataclass
class FakePlatform:
    """What the platform knows, and what it was sent; `fails` answers in its place where set."""

    client_id: str = "the-client"
    token: str = "token-1"
    subscribers: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    logins: int = 0
    fails: Callable[[str, str], JSONResponse | None] = lambda _method, _path: None

    def add_subscriber(self, name: str = "akeneo-sync", email: str = "ops@example.test") -> str:
        """Make one, as if by hand."""
        return str(self._subscribe({"name": name, "contact": {"technical_email": email}})["id"])

    def add_subscription(self, subscriber: str, url: str, **more: Any) -> str:
        """Make one, as if by hand."""
        secret = {"primary": "p" * 16, "secondary": "s" * 16}
        body = {
            "source": "pim",
            "subject": "https://pim.test",
            "type": "https",
            "events": ["com.akeneo.pim.v1.product.created"],
            "config": {"url": url, "secret": secret},
            **more,
        }
        return str(self._deliver_to(subscriber, body)["id"])

    def app(self) -> FastAPI:
        """The application."""
        app = FastAPI()

        @app.post("/api/oauth/v1/token")
        async def login() -> dict[str, Any]:
            self.logins += 1
            return {"access_token": self.token, "refresh_token": "again", "expires_in": 3600}

        @app.api_route(API + "/{path:path}", methods=["GET", "POST", "PATCH", "DELETE"])
        async def manage(request: Request, path: str) -> JSONResponse:
            body = await request.json() if await request.body() else None
            self.sent.append((request.method, path, body))
            refusal = self._refuse(request) or self.fails(request.method, path)
            return refusal or self._answer(request, path.split("/"), body)

        return app

    def _refuse(self, request: Request) -> JSONResponse | None:
        given = request.headers
        if given.get("Content-Type") != "application/json" or "X-PIM-URL" not in given:
            return problem(400, "headers are missing")
        if (given.get("X-PIM-TOKEN"), given.get("X-PIM-CLIENT-ID")) != (self.token, self.client_id):
            return problem(401, "the token is not valid")
        return None

    def _answer(self, request: Request, parts: list[str], body: Any) -> JSONResponse:  # noqa: PLR0911 - one a call
        match request.method, parts:
            case "GET", ["subscribers"]:
                return JSONResponse([*self.subscribers.values()] or None)
            case "POST", ["subscribers"]:
                return JSONResponse(self._subscribe(body), 201)
            case "GET", ["logs"]:
                return JSONResponse({"items": self._find_logs(request) or None})
            case "PATCH", ["subscribers", subscriber] if subscriber in self.subscribers:
                self.subscribers[subscriber] |= {"name": body["name"], "contact": hide(body)}
                return JSONResponse(self.subscribers[subscriber])
            case "DELETE", ["subscribers", subscriber] if subscriber in self.subscribers:
                return JSONResponse(self.subscribers.pop(subscriber))
            case _, ["subscribers", subscriber, "subscriptions", *rest] if (
                subscriber in self.subscribers
            ):
                return self._answer_below(request.method, subscriber, rest, body)
        return problem(404, "not found")

    def _answer_below(  # noqa: PLR0911 - one a call
        self, method: str, subscriber: str, rest: list[str], body: Any
    ) -> JSONResponse:
        mine = {
            name: each
            for name, each in self.subscriptions.items()
            if each["subscriber_id"] == subscriber
        }
        match method, rest:
            case "GET", []:
                listed = [each for each in mine.values() if each["status"] != "revoked"]
                return JSONResponse(listed or None)
            case "POST", []:
                return JSONResponse(self._deliver_to(subscriber, body), 201)
            case "GET", [name] if name in mine:
                return JSONResponse(mine[name])
            case "PATCH", [name] if name in mine:
                mine[name] |= redact(body)
                return JSONResponse(mine[name])
            case "DELETE", [name] if name in mine:
                return JSONResponse(self.subscriptions.pop(name))
            case "POST", [name, "suspend" | "resume" as verb] if name in mine and body is None:
                mine[name]["status"] = "suspended" if verb == "suspend" else "active"
                return JSONResponse(mine[name], 202)
        return problem(404, "not found")

    def _subscribe(self, body: Any) -> dict[str, Any]:
        name = f"subscriber-{len(self.subscribers) + 1}"
        made = {"id": name, "name": body["name"], "status": "active", "contact": hide(body)}
        self.subscribers[name] = {**made, "created_at": CREATED, "updated_at": CREATED}
        return self.subscribers[name]

    def _deliver_to(self, subscriber: str, body: Any) -> dict[str, Any]:
        name = f"subscription-{len(self.subscriptions) + 1}"
        made = {"id": name, "subscriber_id": subscriber, "status": "active", **redact(body)}
        self.subscriptions[name] = {**made, "created_at": CREATED, "updated_at": CREATED}
        return self.subscriptions[name]

    def _find_logs(self, request: Request) -> list[dict[str, Any]]:
        wanted = dict(request.query_params)
        found = [
            each
            for each in self.logs
            if wanted.get("log_type") in (None, each["log_type"])
            and wanted.get("subscription_id") in (None, each["subscription_id"])
        ]
        return found[: int(wanted["limit"])]


def problem(status: int, message: str) -> JSONResponse:
    """An error as the platform writes it."""
    return JSONResponse({"errors": [{"message": message}]}, status)


def hide(body: Any) -> dict[str, Any]:
    """A contact without its secret."""
    contact = {"notification_channels": ["email"], **body["contact"]}
    return {name: each for name, each in contact.items() if name != "notification_webhook_secret"}


def redact(body: Any) -> dict[str, Any]:
    """A subscription's body with its secrets and headers hidden."""
    config = dict(body["config"])
    for name in ("secret", "headers"):
        if name in config:
            config[name] = dict.fromkeys(config[name], REDACTED)
    return {**body, "config": config}
