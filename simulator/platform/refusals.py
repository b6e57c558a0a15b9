"""Refusals of the Event Platform's management API: a status and `{"errors": [{"message"}]}`."""

from http import HTTPStatus

from starlette.responses import Response

from simulator.api import json_response


class PlatformRefusal(Exception):  # noqa: N818 - named like what it is
    """The management API refuses a call."""

    def __init__(self, status: HTTPStatus, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.status = status
        self.messages = messages


def invalid(*messages: str) -> PlatformRefusal:
    """400: the body or a header cannot be."""
    return PlatformRefusal(HTTPStatus.BAD_REQUEST, *messages)


def unknown(what: str) -> PlatformRefusal:
    """404: there is none, or it is somebody else's."""
    return PlatformRefusal(HTTPStatus.NOT_FOUND, f"{what} not found")


def conflict(message: str) -> PlatformRefusal:
    """409: the present state does not allow it."""
    return PlatformRefusal(HTTPStatus.CONFLICT, message)


def refusal_response(refusal: PlatformRefusal) -> Response:
    """The answer to a call that is refused."""
    errors = [{"message": message} for message in refusal.messages]
    return json_response({"errors": errors}, int(refusal.status))
