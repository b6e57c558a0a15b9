"""Status of the Prefect server, asked over plain HTTP: importing Prefect takes seconds."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import quote

import httpx

from deployments.catalogue import DEPLOYMENTS
from deployments.prefect_env import prefect_api_url
from pim.texts import parse_instant
from settings import PrefectLogin, Settings


class LookFailed(Exception):  # noqa: N818 - says what is the case
    """The server does not answer as one does; the message is one line."""


class LoginRefused(LookFailed):
    """The server asks for another login than ours."""


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """One worker of the pool."""

    name: str
    online: bool
    heartbeat_at: datetime | None


@dataclass(frozen=True, slots=True)
class PoolSeen:
    """The work pool. `stopped`: its queues that are paused, or may run nothing; with the why.

    `full`: its own concurrency limit is 0.
    """

    kind: str
    paused: bool
    workers: tuple[WorkerSeen, ...]
    full: bool = False
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefectLook:
    """What a server says of itself and of us; `server_version` None where it does not tell."""

    server_version: str | None
    our_version: str
    missing: tuple[str, ...]
    pool: PoolSeen | None
    idle: tuple[str, ...] = ()  # scheduled deployments that Prefect does not start; with the why


def login_headers(login: PrefectLogin) -> dict[str, str]:
    """Return the header by which a login is said, as Prefect's own client says it."""
    if login.basic is not None:
        pair = base64.b64encode(login.basic.get_secret_value().encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    if login.api_key is not None:
        return {"Authorization": f"Bearer {login.api_key.get_secret_value()}"}
    return {}


def prefect_answers(settings: Settings, *, seconds: float) -> bool:
    """Say whether the server can be worked with: it is healthy, and takes our login."""
    try:
        with _client(settings, seconds) as client:
            _get(client, "/health")
            _get(client, f"/work_pools/{quote(settings.work_pool_name)}")
    except LookFailed:
        return False
    return True


def look_at_prefect(settings: Settings, *, seconds: float) -> PrefectLook:
    """Ask the server for its version, our deployments, work pool and workers.

    `seconds` is for each of a handful of calls.

    Raises:
        LoginRefused: it answers 401 or 403.
        LookFailed: it does not answer, or not as a Prefect server does.
    """
    with _client(settings, seconds) as client:
        _get(client, "/health")
        told = _get(client, "/admin/version")
        found = [
            (spec, _get(client, f"/deployments/name/{quote(spec.full_name)}"))
            for spec in DEPLOYMENTS
        ]
        return PrefectLook(
            server_version=told if isinstance(told, str) else None,
            our_version=version("prefect"),
            missing=tuple(spec.full_name for spec, body in found if body is None),
            pool=_look_at_pool(client, settings.work_pool_name),
            idle=tuple(
                f"{spec.full_name} {why}"
                for spec, body in found
                if spec.schedule is not None and (why := _why_idle(body)) is not None
            ),
        )


def _why_idle(body: object) -> str | None:
    """Say why Prefect does not start a scheduled deployment by itself; None where it does."""
    if not isinstance(body, Mapping):
        return None
    if body.get("paused") is True:
        return "is paused"
    schedules = body.get("schedules")
    if not isinstance(schedules, list):
        return None
    active = [each for each in schedules if isinstance(each, Mapping) and each.get("active")]
    return None if active else "has no active schedule"


def _client(settings: Settings, seconds: float) -> httpx.Client:
    url = prefect_api_url(settings)
    return httpx.Client(
        base_url=url,
        headers=login_headers(settings.prefect_login),
        timeout=seconds,
        # A company's proxy does not reach this machine.
        trust_env=settings.prefect_api_url is not None,
    )


def _look_at_pool(client: httpx.Client, name: str) -> PoolSeen | None:
    pool = _get(client, f"/work_pools/{quote(name)}")
    if not isinstance(pool, Mapping):
        return None
    workers = _ask(client, "POST", f"/work_pools/{quote(name)}/workers/filter", {})
    listed = workers if isinstance(workers, list) else []
    queues = _ask(client, "POST", f"/work_pools/{quote(name)}/queues/filter", {})
    queued = queues if isinstance(queues, list) else []
    return PoolSeen(
        kind=str(pool.get("type")),
        paused=pool.get("is_paused") is True,
        workers=tuple(
            WorkerSeen(
                name=str(worker.get("name")),
                online=worker.get("status") == "ONLINE",
                heartbeat_at=parse_instant(worker.get("last_heartbeat_time")),
            )
            for worker in listed
            if isinstance(worker, Mapping)
        ),
        full=pool.get("concurrency_limit") == 0,
        stopped=tuple(
            f"{queue.get('name')} {why}"
            for queue in queued
            if isinstance(queue, Mapping) and (why := _why_stopped(queue)) is not None
        ),
    )


def _why_stopped(queue: Mapping[str, object]) -> str | None:
    if queue.get("is_paused") is True:
        return "is paused"
    return "has a concurrency limit of 0" if queue.get("concurrency_limit") == 0 else None


def _get(client: httpx.Client, path: str) -> object:
    return _ask(client, "GET", path)


def _ask(client: httpx.Client, method: str, path: str, body: object = None) -> object:
    """Return the answer's JSON; None where the server does not know the thing."""
    try:
        answer = client.request(method, path, json=body)
    except httpx.HTTPError as error:
        raise LookFailed(str(error) or type(error).__name__) from error
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise LoginRefused(f"it answers {answer.status_code}")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    if not answer.is_success:
        raise LookFailed(f"it answers {answer.status_code} to {method} {path}")
    try:
        told: object = answer.json()
    except ValueError as error:
        raise LookFailed(f"no Prefect API: it answers no JSON to {path}") from error
    return told
