"""Refusals of the PIM: a status and a message, which the API writes down as JSON."""

from http import HTTPStatus


class ApiError(Exception):
    """The PIM refuses the request; becomes `{"code", "message"}` with that status."""

    def __init__(self, status: HTTPStatus, message: str, *, documented: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.documented = documented


def unprocessable(message: str, *, documented: bool = False) -> ApiError:
    """422: the request is understood and asks for what cannot be."""
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, message, documented=documented)


def bad_request(message: str) -> ApiError:
    """400: the request cannot be read."""
    return ApiError(HTTPStatus.BAD_REQUEST, message)


def not_found(message: str) -> ApiError:
    """404 in the PIM's own JSON."""
    return ApiError(HTTPStatus.NOT_FOUND, message)
