"""Cures when PIM, store or a delivery fail: the errors know what happened, not what helps.

A cure is one line, and each cause has its own: from the kind of error, the status, the words of the
library that failed, and from whether it was the PIM that answered or something before it.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from pim.errors import (
    ForeignLink,
    InvalidAnswer,
    PlatformError,
    SourceError,
    SourceForbidden,
    SourceHungUp,
    SourceNotFound,
    SourceRateLimited,
    SourceRedirected,
    SourceServerError,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from storage import StoreError

RIGHTS = "in the PIM, System > Roles > the connection's role > Web API permissions"

_BASE = "AKENEO_BASE_URL"
_ADDRESS = f"set {_BASE} to the PIM's start page, without /user/login, /#/ or /api"
_LATER = "the PIM is in trouble; run it again later"
_LET_THROUGH = (
    "not the PIM said this, but a firewall or proxy before it: have it let this machine call /api/"
)
_OTHER_LOGIN = (
    "the web server before the PIM wants a login of its own: have it let /api/ pass without one"
)

# The first whose words stand in the message counts. The words are Python's, OpenSSL's and httpx's.
_NO_CONNECTION: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("name or service not known", "nodename nor servname", "no address associated"),
        f"no such host: check the name in {_BASE}, and this machine's DNS",
    ),
    (
        ("temporary failure in name resolution",),
        "this machine's DNS does not answer: check /etc/resolv.conf, or the container's network",
    ),
    (
        ("certificate has expired", "certificate is not yet valid"),
        "renew the certificate of the PIM's web server; if it is good, this machine's clock is off",
    ),
    (
        ("hostname mismatch", "ip address mismatch", "not valid for"),
        f"the certificate is another host's: write the name that it is for in {_BASE}",
    ),
    (
        ("certificate_verify_failed", "certificate verify failed"),
        (
            "nobody that this machine trusts signed the certificate: set SSL_CERT_FILE to a file"
            " with the certificate of the authority that did (a company's own, or the proxy's)"
        ),
    ),
    (
        ("wrong_version_number", "wrong version number", "unknown protocol", "record layer"),
        f"that port does not speak TLS: write http:// in {_BASE}, or the port of https",
    ),
    (
        ("[ssl", "tls", "handshake"),
        "TLS does not come about: look whether the PIM's web server takes TLS 1.2 or 1.3",
    ),
    (
        ("407", "proxy authentication"),
        "the proxy wants a login: put it in its variable, http://user:password@host:port",
    ),
    (
        ("all connection attempts failed", "connection refused"),
        f"nothing listens there: check host and port in {_BASE}, and that the PIM is started",
    ),
    (
        ("no connection in time", "unreachable", "no route to host"),
        (
            "no way leads there: open the firewall from this machine to the PIM, or name the proxy"
            " in HTTPS_PROXY"
        ),
    ),
    (
        ("no free connection",),
        "the PIM holds all our connections; run it again later",
    ),
    (
        ("cannot be called",),
        f"{_BASE} is no address: write it like https://pim.example.com",
    ),
)
_BROKEN_OFF = (
    f"we are hung up on: if {_BASE} begins with http://, that port may want https://; else look"
    " at the log of the PIM's web server"
)


def find_cure(error: Exception) -> str | None:
    """Return what a person can do about it, None where the error's own text has to do."""
    if isinstance(error, StoreError | PlatformError):
        return error.cure
    if not isinstance(error, SourceError):
        return None
    for kind in type(error).__mro__:
        if kind in _CURES:
            return _CURES[kind](error)
    return _refused(error)


def find_list_cure(name: str, error: SourceError) -> str:
    """Return what a person can do about one list that does not answer while others do."""
    if is_of_another(error) or isinstance(error, SourceUnexpectedNotFound):
        return f"{_LET_THROUGH}: this path it does not let pass"
    if isinstance(error, SourceForbidden):
        return f'{RIGHTS}: tick "Overall Web API access" and "List {name}"'
    if isinstance(error, SourceNotFound):
        return f"this PIM has no such list: its version is older than that, or {_BASE} has a path"
    return find_cure(error) or (
        "the PIM refuses the question itself: its version may be one that we do not know yet"
    )


def is_of_another(error: SourceError) -> bool:
    """Tell whether a 4xx is a page of whoever stands before the PIM: it repeats no code in JSON."""
    # A refused login has it in its message.
    said = error.excerpt or error.message.partition("credentials refused: ")[2]
    if error.status is None or not said:
        return False
    is_refusal = HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_refusal and not re.search(rf'"code"\s*:\s*{error.status}\b', said)


def _unreachable(error: SourceError) -> str:
    told = error.message.casefold()
    for words, cure in _NO_CONNECTION:
        if any(word in told for word in words):
            return cure
    if isinstance(error, SourceHungUp) or "disconnected" in told:
        return _BROKEN_OFF
    return f"check {_BASE}, the network, and that the PIM is up"


def _unauthorized(error: SourceError) -> str:
    if is_of_another(error):
        return _OTHER_LOGIN if error.status == HTTPStatus.UNAUTHORIZED else _LET_THROUGH
    told = f"{error.message} {error.excerpt}".casefold()
    if "app's access token" in told:
        return (
            "the token was revoked or is another PIM's: connect the App anew in the PIM, and copy"
            " its token to AKENEO_ACCESS_TOKEN"
        )
    if "client_id" in told:
        return (
            "copy AKENEO_CLIENT_ID and AKENEO_CLIENT_SECRET, both whole, from the connection's"
            " settings in the PIM (Connect > Connection settings)"
        )
    if "username" in told or "password" in told:
        return (
            "copy AKENEO_USERNAME and AKENEO_PASSWORD from the connection's settings in the PIM;"
            " a lost password is made anew there"
        )
    if "odd credentials" in told:
        return "a credential holds a letter that no header can: copy it anew"
    return _refused_token(error)


def _refused_token(error: SourceError) -> str:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return (
            "the PIM refuses a token that it has just given: a proxy that drops the header"
            " Authorization must pass it on"
        )
    return "check the login: the AKENEO_ settings beside AKENEO_BASE_URL"


def _forbidden(error: SourceError) -> str:
    if is_of_another(error):
        return _LET_THROUGH
    return f'{RIGHTS}: tick "Overall Web API access" and "List {_list_of(error.path)}"'


def _list_of(path: str) -> str:
    """Name the list of a path as the PIM's permissions do: `attribute options`."""
    parts = path.removeprefix("api/rest/v1").strip("/").split("/")
    name = parts[0].removesuffix("-uuid").replace("-", " ") or "products"
    below = {"options": "attribute options", "variants": "family variants", "records": "records"}
    return below.get(parts[2], name) if len(parts) > len(("list", "code")) else name


def _redirected(error: SourceError) -> str:
    target = error.message.partition("redirects to ")[2]
    if "login" in target or "saml" in target or "sso" in target:
        return "a login page stands before the API: have /api/ exempt from it"
    if target.startswith(("http://", "https://")):
        place = target.removesuffix(error.path).rstrip("/")
        host = "/".join(target.split("/")[:3])
        return f"set {_BASE} to {host if place == target.rstrip('/') else place}"
    return f"{_ADDRESS}; it calls nobody elsewhere"


def _server_error(error: SourceError) -> str:
    if error.status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}:
        return (
            "the web server is there and the PIM behind it is not: it is restarted, in maintenance"
            " or overloaded; run it again later"
        )
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"{_LATER}; the PIM's own log (var/logs) says why"
    return _LATER


def _timeout(error: SourceError) -> str:
    if error.status is not None:
        return "the PIM's web server waited too long for it: the PIM is overloaded; try later"
    return f"{_LATER}; if it is only slow, raise SYNC_CALL_TIMEOUT_SECONDS"


def _invalid(error: SourceError) -> str:
    if "compression" in error.message or "was cut" in error.message:
        return (
            "a proxy or the network breaks answers off; run it again later, and look at the proxy"
        )
    if error.excerpt.startswith("<"):
        return (
            f"a web page answers in place of the API: {_BASE} is another site's, or a login or"
            " maintenance page stands before it"
        )
    if error.path.startswith("api/oauth") or (error.excerpt and error.excerpt[0] not in "{["):
        return f"what answers is not the PIM's API: {_ADDRESS}"
    return _LATER


def _rate_limited(error: SourceError) -> str:
    if is_of_another(error):
        return f"{_LET_THROUGH}, more often than now"
    return "the PIM asks for a pause; run it again later"


def _refused(error: SourceError) -> str | None:
    if is_of_another(error):
        return _LET_THROUGH
    if error.source_wide:
        return "the PIM refuses whatever it is asked: its own log (var/logs) says why"
    return None


def _unexpected_not_found(_error: SourceError) -> str:
    return f"something else than the PIM answers there: {_ADDRESS}"


_CURES: dict[type[BaseException], Callable[[SourceError], str | None]] = {
    SourceUnreachable: _unreachable,
    SourceTimeout: _timeout,
    SourceServerError: _server_error,
    InvalidAnswer: _invalid,
    SourceRateLimited: _rate_limited,
    SourceUnexpectedNotFound: _unexpected_not_found,
    SourceRedirected: _redirected,
    ForeignLink: lambda _: f"set {_BASE} to the address that the PIM calls itself by",
    SourceUnauthorized: _unauthorized,
    SourceForbidden: _forbidden,
}

_NOT_THROUGH = "the PIM sends that header: a proxy drops it, or another sent them"
_MADE_UP = "the next delta finds what they told of"
_SHIELD = "a firewall: let only the PIM, or a proxy that takes whole requests, reach the receiver"
_REFUSAL_CURES = {
    "signature_missing": _NOT_THROUGH,
    "timestamp_missing": _NOT_THROUGH,
    "signature_unknown": "copy the secret of the PIM's event subscription into"
    " AKENEO_WEBHOOK_SECRETS and restart the receiver; if it is right, a proxy changes the bodies,"
    " or another sent them",
    "timestamp_unreadable": "no PIM writes such a time: a proxy changes the header, or another sent"
    " them",
    "clock_off": "set the clocks of this machine and of the PIM's servers by NTP; if they agree,"
    " old deliveries are being sent again",
    "too_large": f"raise SYNC_MAX_BODY_BYTES if they are the PIM's; {_MADE_UP}",
    "unreadable": f"signed, but cut or no JSON: the bodies are kept in the store; {_MADE_UP}",
    "store_not_writable": "look at the database and its disk: `akeneo-sync doctor`; each is tried"
    " for 30 s more",
    "never_stored": f"{_MADE_UP}; deletions: `akeneo-sync reconcile --full`",
    "too_much_at_once": f"more than the receiver holds in memory: {_MADE_UP}; if it goes on, make"
    " the database faster",
    "slowed_down": "nothing is lost: the Event Platform keeps them, and delivers more slowly; look"
    " at the database and its disk where it goes on: `akeneo-sync doctor`",
    "half_open": f"they kept no delivery out; {_SHIELD}",
    "too_many_connections": f"{_SHIELD}; {_MADE_UP}",
}


def find_refusal_cure(reason: str) -> str:
    """Return what a person can do about deliveries that were refused for that reason."""
    return _REFUSAL_CURES.get(reason, "see the receiver's log")
