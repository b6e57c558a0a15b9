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


class Health(BaseModel):
    """How the receiver is."""

    status: str


DELIVERY_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "Signed, but not a batch; the raw body is kept"},
    401: {"model": Problem, "description": "Signature or timestamp missing or wrong"},
    408: {"model": Problem, "description": "The body did not arrive"},
    413: {"model": Problem, "description": "The body is over the limit"},
    503: {"model": Problem, "description": "The store could not be written in time"},
}

PLATFORM_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Receipt, "description": "Stored; also what is signed and cannot be used"},
    401: {"model": Problem, "description": "No signature of ours, or its `time` is too far off"},
    408: {"model": Problem, "description": "The body did not arrive"},
    413: {"model": Problem, "description": "The body is over the limit"},
    429: {"model": Problem, "description": "Not now: it is to be delivered again"},
}

NOTICE_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "Signed, but no notice"},
    401: {"model": Problem, "description": "Signature missing or wrong, or too old"},
    408: {"model": Problem, "description": "The body did not arrive"},
    413: {"model": Problem, "description": "The body is over the limit"},
    429: {"model": Problem, "description": "Not now: it is to be sent again"},
}


def _signed_request(
    what: str, members: dict[str, str], headers: tuple[tuple[str, str, bool, str], ...]
) -> dict[str, Any]:
    """Describe a signed JSON object: its required members, and the headers that sign it."""
    schema = {
        "type": "object",
        "required": list(members),
        "properties": {name: {"type": kind} for name, kind in members.items()},
    }
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
                "required": required,
                "description": description,
                "schema": {"type": "string", "pattern": pattern},
            }
            for name, description, required, pattern in headers
        ],
    }


_HEX = "^[0-9a-f]{64}$"

PLATFORM_REQUEST = _signed_request(
    "One CloudEvent in the structured mode",
    {"specversion": "string", "id": "string", "type": "string", "data": "object"},
    (
        ("X-Akeneo-Signature-Primary", "HMAC-SHA256 of the body, in hex", True, _HEX),
        ("X-Akeneo-Signature-Secondary", "The same with the second secret", False, _HEX),
    ),
)

NOTICE_REQUEST = _signed_request(
    "A notice of the Event Platform",
    {"notification_type": "string", "timestamp": "string", "subscription_id": "string"},
    (("X-Akeneo-Signature-Primary", "HMAC-SHA256 of the body, in hex", True, _HEX),),
)

DELIVERY_REQUEST: dict[str, Any] = {
    "requestBody": {
        "description": "A batch of events, or nothing (the PIM's Test button)",
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["events"],
                    "properties": {"events": {"type": "array", "items": {"type": "object"}}},
                }
            }
        },
    },
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": description,
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, description, pattern in (
            (
                "X-Akeneo-Request-Signature",
                "HMAC-SHA256 of `timestamp.body` with the connection's secret, in hex",
                "^[0-9a-f]{64}$",
            ),
            ("X-Akeneo-Request-Timestamp", "When the request was signed: Unix seconds", "^[0-9]+$"),
        )
    ],
}
