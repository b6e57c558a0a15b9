"""Which failures of a call may be one thing's own fault, and not the source's: pure."""

from http import HTTPStatus

from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceServerError,
    SourceTimeout,
    SourceUnexpectedNotFound,
)


def may_be_of_one(error: SourceError) -> bool:
    """Whether it may be caused by the data of the one thing that was asked for.

    A timeout or a 500 can be either: what is asked next must tell whether the source works.
    """
    if isinstance(error, SourceServerError):
        return error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, SourceTimeout | InvalidAnswer | SourceUnexpectedNotFound)
