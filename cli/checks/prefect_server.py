"""Prefect: the server, what is deployed on it, the work pool, a worker that lives."""

from urllib.parse import urlsplit

from cli.checks.finding import Findings
from deployments.prefect_env import prefect_api_url
from deployments.prefect_status import (
    LoginRefused,
    LookFailed,
    PoolSeen,
    PrefectLook,
    look_at_prefect,
)
from settings import Settings

PART = "Prefect"
_CALL_SECONDS = 4.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_prefect(settings: Settings, found: Findings) -> None:
    """Ask the server that the settings mean."""
    where = prefect_api_url(settings)
    _check_encryption(settings, where, found)
    try:
        look = look_at_prefect(settings, seconds=_CALL_SECONDS)
    except LoginRefused as error:
        advice = "check PREFECT_API_AUTH_STRING (or PREFECT_API_KEY): the server asks for a login"
        found.broken("server", f"{where}: {error}", advice)
        return
    except LookFailed as error:
        advice = "start it (`akeneo-sync up` does), or check PREFECT_API_URL; deliveries are kept"
        found.broken("server", f"{where} does not answer: {error}", advice)
        return
    _check_version(where, look, found)
    _check_deployments(look, found)
    _check_pool(settings, look.pool, found)


def _check_encryption(settings: Settings, where: str, found: Findings) -> None:
    parts = urlsplit(where)
    if parts.scheme == "https" or parts.hostname in _LOOPBACK:
        return
    login = settings.prefect_login
    if login.basic is None and login.api_key is None:
        how = f"{where} is another machine's, without a login: whoever reaches it rules the sync"
        found.warn("login", how, "give the server a login, and set PREFECT_API_AUTH_STRING")
    else:
        how = f"the login goes to {where} in the clear"
        found.warn("login", how, "put TLS in front of that server")


def _check_version(where: str, look: PrefectLook, found: Findings) -> None:
    theirs = look.server_version
    if theirs is None or theirs == look.our_version:
        known = f", version {theirs}" if theirs else ""
        found.ok("server", f"{where} is healthy{known}")
    else:
        how = f"{where} runs Prefect {theirs}, and we {look.our_version}"
        found.warn("server", how, "bring the server to our version: others are not tested")


def _check_deployments(look: PrefectLook, found: Findings) -> None:
    if look.missing:
        found.broken("deployments", f"missing: {', '.join(look.missing)}", "`akeneo-sync deploy`")
    else:
        found.ok("deployments", "all are there")
    for idle in look.idle:
        found.warn("schedule", f"{idle}: nothing starts it", "turn it on in the Prefect UI")


def _check_pool(settings: Settings, pool: PoolSeen | None, found: Findings) -> None:
    name = settings.work_pool_name
    if pool is None:
        found.broken("work pool", f"there is no {name}", "run `akeneo-sync deploy`")
        return
    if pool.kind != settings.work_pool_type:
        how = f"{name} is of type {pool.kind}, and the settings say {settings.work_pool_type}"
        found.broken("work pool", how, "`akeneo-sync deploy`, with the same SYNC_WORK_POOL_TYPE")
    elif pool.paused:
        how = f"{name} is paused: deliveries are kept, nothing is processed"
        found.warn("work pool", how, "resume it in the Prefect UI")
    elif pool.full:
        how = f"{name} has a concurrency limit of 0: deliveries are kept, nothing is processed"
        found.warn("work pool", how, "raise it in the Prefect UI")
    else:
        found.ok("work pool", f"{name}, of type {pool.kind}")
    for queue in pool.stopped:
        how = f"{queue}: what is sent there waits, deliveries are kept"
        found.warn("work queue", how, "resume it, or raise its limit, in the Prefect UI")
    alive = [worker.name for worker in pool.workers if worker.online]
    if alive:
        found.ok("worker", f"{', '.join(alive)} reports to Prefect")
    else:
        found.broken("worker", "none reports to Prefect: nothing runs", "`akeneo-sync worker`")
