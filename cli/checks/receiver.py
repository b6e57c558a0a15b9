"""The receiver, the secrets that it knows deliveries by, and what has come of late."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx

from cli.checks.database import PATIENCE
from cli.checks.finding import Findings
from cli.cures import find_refusal_cure
from cli.output import say_ago, say_count
from cli.views import describe_refusals
from settings import PasswordLogin, Settings
from storage import StoreError, open_store
from storage.views import Status, read_status

PART = "receiver"
_CALL_SECONDS = 4.0
_SHORT = 16  # the PIM makes secrets of some fifty letters and digits
_RECENT = timedelta(minutes=15)
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - a value to compare with


def check_receiver(settings: Settings, found: Findings) -> None:
    """Ask it how it is, and look at what arrived."""
    now = datetime.now(UTC)
    status = _read_status(settings, now)
    last = status.inbox.last_received_at if status else None
    _check_answer(settings, found, heard_lately=last is not None and now - last < _RECENT)
    _check_secrets(settings, found)
    if status is None:
        found.note("deliveries", "cannot be told without the database")
    else:
        _check_deliveries(settings, status, now, found)
    _check_host(settings, found)


def _check_answer(settings: Settings, found: Findings, *, heard_lately: bool) -> None:
    url = f"{settings.local_url}/readyz"
    try:
        # A company's proxy does not reach this machine.
        answer = httpx.get(url, timeout=_CALL_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        how = f"nothing answers at {url} ({type(error).__name__})"
        if heard_lately:
            found.warn("answers", how, "deliveries do arrive: is it on another machine?")
        else:
            found.broken("answers", how, "start it with `akeneo-sync receiver`, or `up`")
        return
    if answer.is_success:
        found.ok("answers", f"{url} says that it is ready")
    else:
        how = f"{url} answers {answer.status_code}: deliveries are refused"
        found.broken("answers", how, "see the database's lines; else its log says why")


def _check_secrets(settings: Settings, found: Findings) -> None:
    secrets = [secret.get_secret_value() for secret in settings.webhook_secrets]
    if not secrets:
        if settings.source is None:
            found.note("webhook secret", "none is set")
        elif settings.event_platform.secrets:
            found.note("webhook secret", "none is set: only the Event Platform is listened to")
        else:
            how = "AKENEO_WEBHOOK_SECRETS is not set: the receiver refuses to start"
            advice = (
                "copy it from the connection's event subscription in the PIM; on the Event"
                " Platform, set AKENEO_EVENT_PLATFORM_SECRETS"
            )
            found.broken("webhook secret", how, advice)
        return
    doubts = [doubt for doubt in map(_doubt_of, secrets) if doubt]
    if _client_secret(settings) in secrets:
        doubts.append("one is the connection's client secret, which signs nothing")
    if doubts:
        advice = "copy it again, whole, from the connection's event subscription in the PIM"
        found.warn("webhook secret", "; ".join(dict.fromkeys(doubts)), advice)
    else:
        found.ok("webhook secret", f"{say_count(len(secrets), 'secret')} known")


def _doubt_of(secret: str) -> str:
    if any(sign.isspace() or sign in "\"'<>…" for sign in secret):
        return "one holds a space, a quotation mark or a placeholder"
    if len(secret) < _SHORT:
        return f"one has only {len(secret)} signs"
    return ""


def _client_secret(settings: Settings) -> str | None:
    login = settings.source.login if settings.source else None
    return login.client_secret.get_secret_value() if isinstance(login, PasswordLogin) else None


def _check_deliveries(settings: Settings, status: Status, now: datetime, found: Findings) -> None:
    last = status.inbox.last_received_at
    if last is not None:
        found.ok("deliveries", f"the last came {say_ago(last, now=now)}")
    elif settings.source is None:
        found.note("deliveries", "none has come yet")
    else:
        advice = "turn on the event subscription in the PIM, and press its Test button"
        found.warn("deliveries", "none has come yet", advice)
    for refusals in status.refusals:
        advice = find_refusal_cure(refusals.reason)
        found.warn("refused", describe_refusals(refusals, now=now), advice)
    if status.needs:
        how = f"{say_count(len(status.needs), 'alarm')} in the store"
        found.warn("alarms", how, "see `akeneo-sync status`")


def _check_host(settings: Settings, found: Findings) -> None:
    if settings.host in _EVERYWHERE:
        how = f"listens on every address of this machine, port {settings.port}, without TLS"
        advice = "let only the proxy that does TLS reach that port (firewall)"
        found.note("exposure", how, advice)
    else:
        how = f"listens on {settings.host}, port {settings.port}"
        found.note("exposure", how, "the PIM reaches it through a proxy with TLS, or not at all")


def _read_status(settings: Settings, now: datetime) -> Status | None:
    try:
        with (
            closing(open_store(settings.database_url, busy_timeout=PATIENCE)) as store,
            store.read() as tx,
        ):
            return read_status(tx, now=now)
    except StoreError:
        return None
