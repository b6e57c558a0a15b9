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


def cure_of(error: Exception) -> str | None:
    """Return what a person can do about it, None where the error's own text has to do."""
    if isinstance(error, StoreError):
        return error.cure
    for kind in type(error).__mro__:
        if kind in _CURES:
            return _CURES[kind]
    return None
