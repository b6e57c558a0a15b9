"""What to do when PIM or store fail: the errors know what happened, not which setting helps."""

from pim.errors import (
    ForeignLink,
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceRateLimited,
    SourceRedirected,
    SourceServerError,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from storage.errors import StoreError

_LATER = "the PIM is in trouble; run it again later"
_NOT_THE_PIM = "check AKENEO_BASE_URL: something else than the PIM seems to answer there"
_CURES: dict[type[SourceError], str] = {
    SourceUnreachable: "check AKENEO_BASE_URL, the network, and that the PIM is up",
    SourceTimeout: _LATER,
    SourceServerError: _LATER,
    InvalidAnswer: _LATER,
    SourceRateLimited: "the PIM asks for a pause; run it again later",
    SourceUnexpectedNotFound: _NOT_THE_PIM,
    SourceRedirected: _NOT_THE_PIM,
    ForeignLink: "set AKENEO_BASE_URL to the address that the PIM calls itself by",
    SourceUnauthorized: "check the login: the AKENEO_ settings beside AKENEO_BASE_URL",
    SourceForbidden: "give the connection's role that right in the PIM",
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
    "event_platform": "subscribe to the Events API instead, with a URL that ends in"
    " /webhooks/events-api",
    "half_open": f"they kept no delivery out; {_SHIELD}",
    "too_many_connections": f"{_SHIELD}; {_MADE_UP}",
}


def cure_of_refusal(reason: str) -> str:
    """Return what a person can do about deliveries that were refused for that reason."""
    return _REFUSAL_CURES.get(reason, "see the receiver's log")


def cure_of(error: Exception) -> str | None:
    """Return what a person can do about it, None where the error's own text has to do."""
    if isinstance(error, StoreError):
        return error.cure
    for kind in type(error).__mro__:
        if kind in _CURES:
            return _CURES[kind]
    return None
