# ruff: noqa: N818 - the names say what happened, as those of `pim.errors` do
"""Errors of the Event Platform's management API, told apart by what can be done about them."""

from pim.errors import PlatformError


class PlatformUnreachable(PlatformError):
    """No answer, a 5xx, a 429, or something else than the API that answers."""

    retryable = True


class PlatformUnauthorized(PlatformError):
    """401: the platform does not take the PIM's token, or its client id is not known here."""


class PlatformForbidden(PlatformError):
    """403: the connection may not receive events."""


class PlatformNotFound(PlatformError):
    """404: of this connection there is no such subscriber or subscription."""


class PlatformConflict(PlatformError):
    """409: no more of them are allowed, or it is deleted."""


class PlatformRefused(PlatformError):
    """Another 4xx: this very request is refused, now and later."""


class UnfitSetting(PlatformError):
    """What our own settings say is nothing that the platform would take; nothing was sent."""
