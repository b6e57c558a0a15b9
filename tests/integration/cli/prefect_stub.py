"""A Prefect server as far as the doctor asks one: it says what a test wants it to say."""

from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from deployments.catalogue import DEPLOYMENTS


@dataclass
class PrefectStub:
    """Everything in order, unless a test changes it. `login`: the Authorization it asks for."""

    version: str = "3.8.8"
    deployments: set[str] = field(default_factory=lambda: {s.full_name for s in DEPLOYMENTS})
    pool: dict[str, object] | None = field(
        default_factory=lambda: {"type": "akeneo-sync-warm", "is_paused": False}
    )
    workers: list[dict[str, object]] = field(
        default_factory=lambda: [{"name": "a worker", "status": "ONLINE"}]
    )
    queues: list[dict[str, object]] = field(
        default_factory=lambda: [{"name": "default", "is_paused": False}]
    )
    deployed: dict[str, object] = field(
        default_factory=lambda: {"id": "x", "paused": False, "schedules": [{"active": True}]}
    )
    login: str | None = None

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/api/{path:path}", methods=["GET", "POST"])
        def answer(request: Request, path: str) -> JSONResponse:
            if path == "health":
                return JSONResponse(True)  # noqa: FBT003 - what Prefect answers
            if self.login and request.headers.get("Authorization") != self.login:
                return JSONResponse({"exception_message": "Unauthorized"}, 401)
            told = self._tell(path)
            return JSONResponse({"detail": "not found"}, 404) if told is None else told

        return app

    def _tell(self, path: str) -> JSONResponse | None:
        if path == "admin/version":
            return JSONResponse(self.version)
        if path.startswith("deployments/name/"):
            known = path.removeprefix("deployments/name/") in self.deployments
            return JSONResponse(self.deployed) if known else None
        if self.pool is None:
            return None
        if path.endswith("queues/filter"):
            return JSONResponse(self.queues)
        return JSONResponse(self.workers if path.endswith("workers/filter") else self.pool)
