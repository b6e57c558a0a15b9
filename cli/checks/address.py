"""The address under which the PIM reaches the receiver, tried from here as far as that goes."""

import ipaddress
import socket
import time
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from cli.checks.finding import Findings
from pim.signature import sign_delivery
from settings import Settings

PART = "address"
_CALL_SECONDS = 4.0
_PIM_SECONDS = 0.5  # the PIM hangs up then
_LARGE_BYTES = 2 * 1024 * 1024  # twice what nginx lets through by default
_OURS = frozenset({HTTPStatus.OK, HTTPStatus.UNAUTHORIZED})  # what the receiver itself says

_ADVICE = (
    "public name with TLS, firewall open for the PIM, bodies of 16 MiB let through (nginx: "
    "client_max_body_size 16m), no redirect, answers within 0.5 s"
)


def check_address(settings: Settings, url: str | None, found: Findings) -> None:
    """Try `url`; without it say what the address must be like."""
    if url is None:
        if settings.source is not None:
            how = "not tried: pass `--url` the address that the PIM was given"
            found.note("public", how, _ADVICE)
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        found.broken("public", f"{url} is no URL", "write it like https://host/webhooks/events-api")
        return
    if parts.scheme == "http":
        found.warn("TLS", f"{url} is not encrypted", "put a proxy that does TLS in front")
    if _check_name(parts.hostname, found):
        _check_way(url, _test_button(settings), found)


def _test_button(settings: Settings) -> dict[str, str]:
    """The headers of an empty delivery, signed as the PIM's Test button signs it."""
    if not settings.webhook_secrets:
        return {}
    timestamp = str(int(time.time()))
    secret = settings.webhook_secrets[0].get_secret_value()
    return {
        "X-Akeneo-Request-Timestamp": timestamp,
        "X-Akeneo-Request-Signature": sign_delivery(secret, timestamp, b""),
    }


def _check_name(host: str, found: Findings) -> bool:
    """Say whether the name leads anywhere; the PIM refuses private addresses."""
    try:
        known = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        found.broken("DNS", f"{host} is not known: {error.strerror or error}", "mend its DNS entry")
        return False
    addresses = sorted({str(each[4][0]).partition("%")[0] for each in known})
    private = [each for each in addresses if not ipaddress.ip_address(each).is_global]
    if private:
        how = f"{host} is {', '.join(private)} from here, which no PIM outside can reach"
        found.warn("DNS", how, "give it a public address; the PIM refuses private ones")
    else:
        found.ok("DNS", f"{host} is {', '.join(addresses)}")
    return True


def _check_way(url: str, signed: dict[str, str], found: Findings) -> None:
    """Send what stores nothing: an empty delivery, and one that is refused and counted."""
    try:
        with httpx.Client(timeout=_CALL_SECONDS) as client:
            began = time.monotonic()
            small = client.post(url, content=b"", headers=signed)
            took = time.monotonic() - began
            if not _check_small(url, small, found, took=took, signed=bool(signed)):
                return
            large = client.post(url, content=b" " * _LARGE_BYTES)
    except httpx.HTTPError as error:
        how = f"{url}: {str(error) or type(error).__name__}"
        found.broken("public", how, "check proxy, firewall and certificate")
        return
    _check_large(large, found)


def _check_small(
    url: str, answer: httpx.Response, found: Findings, *, took: float, signed: bool
) -> bool:
    if answer.is_redirect:
        how = f"{url} redirects to {answer.headers.get('Location', 'somewhere')}"
        found.broken("public", how, "give the PIM the final address: it follows no redirect")
        return False
    if answer.status_code not in _OURS or "json" not in answer.headers.get("Content-Type", ""):
        how = f"{url} answers {answer.status_code}, and that is not the receiver"
        found.broken("public", how, "check the path, and what the proxy does with it")
        return False
    if signed and answer.status_code != HTTPStatus.OK:
        how = f"{url} is a receiver, but refuses what our secret signs: {answer.text[:100]}"
        found.broken("public", how, "AKENEO_WEBHOOK_SECRETS or the clock differ over there")
    elif took > _PIM_SECONDS:
        how = f"{url} is the receiver, but took {took:.1f} s; the PIM waits 0.5 s"
        found.warn("public", how, "bring proxy, receiver and PIM nearer to each other")
    else:
        found.ok("public", f"{url} is the receiver, in {took * 1000:.0f} ms")
    return True


def _check_large(answer: httpx.Response, found: Findings) -> None:
    if answer.status_code in _OURS:
        found.ok("body size", "2 MiB pass")
    else:
        how = f"a body of 2 MiB is answered {answer.status_code} on the way"
        found.broken("body size", how, "nginx: client_max_body_size 16m; other proxies alike")
