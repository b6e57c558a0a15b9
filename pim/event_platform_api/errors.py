# ruff: noqa: N818 - the names say what happened, as those of `pim.errors` do
"""Errors of the Event Platform's management API, each one line of what happened, with its cure."""

from typing import ClassVar

from pim.errors import SyncError


class PlatformError(SyncError):
    """A call to the management API did not bring what was asked; `str()` is one line.

    `cure` is what a person can do, `status` the HTTP status where there was an answer. `retryable`:
    the same call may succeed later.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, cure: str, status: int | None = None) -> None:
        super().__init__(message)
        self.cure = cure
        self.status = status


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
