# ruff: noqa: N818 - the names say what happened; all descend from SyncError
"""Every error of this project that the PIM or its data can cause, cut by what the caller can do.

    SyncError
    ├── BatchRejected              a delivery's body is no batch at all: answer 400
    ├── PlatformError              a call to the Event Platform's management API; has its own cure
    └── SourceError                a call to the PIM did not bring what was asked
        ├── SourceUnreachable      no answer: network, DNS, TLS, connection     retryable, wide
        │   └── SourceHungUp       the connection ended in place of an answer   as its base
        ├── SourceTimeout          asked, and no whole answer in time (408, 504) retryable, wide
        │   └── AnswerTooLarge     more than we take at once: ask for less       as its base
        ├── SourceServerError      5xx                                          retryable, wide
        ├── SourceRateLimited      429, or 503 that asks for a long wait        retryable, wide
        ├── InvalidAnswer          not the JSON expected, cut or damaged        retryable, wide
        │   └── ListingStuck       a listing's rest cannot be reached            as its base
        ├── SourceUnexpectedNotFound  404 that is not Akeneo's (a proxy's page) retryable, wide
        ├── SourceUnauthorized     credentials or token refused                 permanent, wide
        ├── SourceForbidden        403: rights missing                          permanent, wide
        ├── SourceRedirected       3xx: the base URL is not the PIM's           permanent, wide
        ├── ForeignLink            a link that leads away from the source       permanent, wide
        ├── SourceRefusesAll       whatever is asked is refused with a 4xx      retryable, wide
        ├── RouteFails             no product is read by its URL, others answer retryable, this call
        ├── SourceNotFound         404 in Akeneo's own JSON                     permanent, this call
        └── SourceRequestRefused   400/405/406/409/413/415/422: this request    permanent, this call
            └── SourceBlocked      a 4xx that is not the PIM's: a firewall's    retryable, this call

`retryable`: the same call may succeed later. `source_wide`: says something about the source
rather than about the thing asked for, so the breaker backs off, whether or not a retry helps.
Whether an error is one thing's own fault, its list's, its kind of request's or the source's is
decided in `pim.blame`.
"""

from typing import ClassVar


class SyncError(Exception):
    """Base of all errors that this project raises on purpose; `str()` is one line."""


class BatchRejected(SyncError):
    """A delivery's body cannot be read as a batch; `detail` says why, for the answer 400."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class PlatformError(SyncError):
    """A call to the Event Platform's management API failed, or was not made.

    `cure` is what a person can do, `status` the HTTP status where there was an answer. `retryable`:
    the same call may succeed later.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, cure: str, status: int | None = None) -> None:
        super().__init__(message)
        self.cure = cure
        self.status = status


class SourceError(SyncError):
    """A call to the PIM failed.

    `path` is without query, `excerpt` is at most 200 characters of the answer in one line (empty
    when there was none), `retry_after` in seconds where the source named it.
    """

    retryable: ClassVar[bool] = False
    source_wide: ClassVar[bool] = True

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        excerpt: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.message = message
        self.method = method
        self.path = path
        self.status = status
        self.excerpt = excerpt
        self.retry_after = retry_after
        super().__init__(str(self))  # so that a repr, as Prefect shows it, says what was asked too

    def __str__(self) -> str:
        """`message (METHOD path, status N: excerpt)` with what is known."""
        call = f"{self.method} {self.path}".strip()
        status = "" if self.status is None else f"status {self.status}"
        known = ", ".join(part for part in (call, status) if part)
        shown = ": ".join(part for part in (known, self.excerpt) if part)
        return f"{self.message} ({shown})" if shown else self.message


class SourceUnreachable(SourceError):
    """No answer began: network, name, TLS or connection failure."""

    retryable = True


class SourceHungUp(SourceUnreachable):
    """The connection stood, and ended in place of an answer: a server process that died, say."""


class SourceTimeout(SourceError):
    """The request went out and no whole answer came in time (408 and 504 included)."""

    retryable = True


class AnswerTooLarge(SourceTimeout):
    """An answer longer than we read: ask for less at once."""


class SourceServerError(SourceError):
    """A 5xx answer."""

    retryable = True


class SourceRateLimited(SourceError):
    """429, or a Retry-After longer than the client waits by itself; see `retry_after`."""

    retryable = True


class InvalidAnswer(SourceError):
    """A 2xx answer that is not the JSON expected: cut, damaged, or of another shape."""

    retryable = True


class ListingStuck(InvalidAnswer):
    """A listing that goes in a circle, or whose bad item cannot be stepped over.

    What was listed before is good; its position is not, and nothing that it lacks is absent.
    """


class SourceUnexpectedNotFound(SourceError):
    """A 404 that is not Akeneo's own: a proxy's page, or a route that does not exist."""

    retryable = True


class SourceUnauthorized(SourceError):
    """Credentials or token refused; no retry helps until a person changes them."""


class SourceForbidden(SourceError):
    """403: the connection lacks a right."""


class SourceRedirected(SourceError):
    """A 3xx answer; never followed, so that no token goes elsewhere."""


class ForeignLink(SourceError):
    """A `next` link that leads away from the source or from its own listing."""


class SourceRefusesAll(SourceError):
    """A 4xx to every request, those for what does not exist included: the source's own trouble."""

    retryable = True


class RouteFails(SourceError):
    """Searches are answered, and no product at all is read by its URL: no product is at fault."""

    retryable = True
    source_wide = False


class SourceNotFound(SourceError):
    """404 in Akeneo's own JSON (`"code": 404`): gone, or not permitted."""

    source_wide = False


class SourceRequestRefused(SourceError):
    """The source refuses this very request; the same request will be refused again."""

    source_wide = False


class SourceBlocked(SourceRequestRefused):
    """A 4xx that the PIM itself did not write: a firewall, a proxy or a gateway stands between.

    It may let other kinds of requests through, and this one too after a while.
    """

    retryable = True
