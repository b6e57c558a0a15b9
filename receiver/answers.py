"""Answers of the receiver, as types for the OpenAPI document."""

from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel


class Receipt(BaseModel):
    """What became of the events of a delivery; the three add up to all of them."""

    accepted: int
    duplicates: int
    invalid: int


class Noted(BaseModel):
    """A notice was taken; `new`: it had not come before."""

    new: bool


class Answer(JSONResponse):
    """An answer to a delivery, with what it is counted under: words that are known in advance."""

    def __init__(self, body: BaseModel, *, status: int, reason: str) -> None:
        super().__init__(body.model_dump(), status_code=status)
        self.reason = reason
        self.receipt = body if isinstance(body, Receipt) else None


class Problem(BaseModel):
    """Why a delivery was not taken."""

    detail: str


def problem(status: int, reason: str, detail: str) -> Answer:
    """Answer that something was not taken, counted under `reason`."""
    return Answer(Problem(detail=detail), status=status, reason=reason)


class Health(BaseModel):
    """How the receiver is."""

    status: str


_OF_BODIES = {408: "The body did not arrive", 413: "The body is over the limit"}


def _problems(told: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    """Describe answers that take nothing, by status, with those that a body may cause anywhere."""
    told = {**told, **_OF_BODIES}
    return {status: {"model": Problem, "description": text} for status, text in told.items()}


DELIVERY_RESPONSES = _problems(
    {
        400: "Signed, but not a batch; the raw body is kept",
        401: "Signature or timestamp missing or wrong",
        503: "The store could not be written in time",
    }
)

PLATFORM_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Receipt, "description": "Stored; also what is signed and cannot be used"},
    **_problems(
        {
            401: "No signature of ours, or its `time` is too far off",
            429: "Not now: it is to be delivered again",
        }
    ),
}

NOTICE_RESPONSES = _problems(
    {
        400: "Signed, but no notice",
        401: "Signature missing or wrong, or too old",
        429: "Not now: it is to be sent again",
    }
)


def _signed_request(
    what: str, members: dict[str, dict[str, Any]], headers: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """Describe a signed JSON object: its required members, and the headers that sign it.

    `headers` are told with their pattern; `OPTIONAL` may be left out.
    """
    schema = {"type": "object", "required": list(members), "properties": members}
    return {
        "requestBody": {
            "description": what,
            "required": False,
            "content": {"application/json": {"schema": schema}},
        },
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": name != OPTIONAL,
                "description": description,
                "schema": {"type": "string", "pattern": pattern},
            }
            for name, (description, pattern) in headers.items()
        ],
    }


OPTIONAL = "X-Akeneo-Signature-Secondary"
_HEX = "^[0-9a-f]{64}$"
_PRIMARY = {"X-Akeneo-Signature-Primary": ("HMAC-SHA256 of the body, in hex", _HEX)}
_TEXT = {"type": "string"}

PLATFORM_REQUEST = _signed_request(
    "One CloudEvent in the structured mode",
    {"specversion": _TEXT, "id": _TEXT, "type": _TEXT, "data": {"type": "object"}},
    {**_PRIMARY, OPTIONAL: ("The same with the second secret", _HEX)},
)

NOTICE_REQUEST = _signed_request(
    "A notice of the Event Platform",
    {"notification_type": _TEXT, "timestamp": _TEXT, "subscription_id": _TEXT},
    _PRIMARY,
)

DELIVERY_REQUEST = _signed_request(
    "A batch of events, or nothing (the PIM's Test button)",
    {"events": {"type": "array", "items": {"type": "object"}}},
    {
        "X-Akeneo-Request-Signature": (
            "HMAC-SHA256 of `timestamp.body` with the connection's secret, in hex",
            _HEX,
        ),
        "X-Akeneo-Request-Timestamp": ("When the request was signed: Unix seconds", "^[0-9]+$"),
    },
)
