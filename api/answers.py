"""Answers of the read API: their types with examples for the OpenAPI document, and their ETags."""

from hashlib import blake2b
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from pim.json_types import JsonObject, JsonValue
from storage.products import CHANGE_KINDS

_KEY = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"
_EXAMPLES: tuple[tuple[str, str, list[JsonValue]], ...] = (
    ("updated", "event", [{"attribute": "name", "locale": "en_US", "scope": None}]),
    ("rendered", "structure option:colour/red", [{"attribute": "colour"}]),
)
_DOCUMENT: JsonObject = {
    "key": _KEY,
    "identifier": "SKU-1",
    "family": {"code": "lamps", "labels": {"en_US": "Lamps"}},
    "attributes": {"name": {"values": [{"locale": "en_US", "scope": None, "data": "Arc"}]}},
}


class Problem(BaseModel):
    """Why there is no other answer."""

    detail: str

    model_config = ConfigDict(json_schema_extra={"examples": [{"detail": "there is no product X"}]})


class Health(BaseModel):
    """How the API is."""

    status: str


class Shown(BaseModel):
    """What changed: an attribute (of one locale and channel, or of all), or a field."""

    attribute: str | None = None
    locale: str | None = None
    scope: str | None = None
    field: str | None = None


class ChangeLine(BaseModel):
    """One change; `document` only with `documents=true`, as it is now, null where nothing is."""

    seq: int
    key: str
    identifier: str | None
    change: str
    cause: str
    run_id: str | None
    at: AwareDatetime
    changed: list[Shown]
    document: dict[str, Any] | None = None


class ChangePage(BaseModel):
    """Changes in order. Go on with `after` = `next`; at `end` there was nothing more."""

    changes: list[ChangeLine]
    next: int
    end: int

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "changes": [
                        {
                            "seq": 1041,
                            "key": _KEY,
                            "identifier": "SKU-1",
                            "change": kind,
                            "cause": cause,
                            "run_id": "0c8f3a52-5d0f-4a0e-9a35-5a8d1a3b7a11",
                            "at": "2026-11-23T12:00:00+00:00",
                            "changed": changed,
                        }
                    ],
                    "next": 1041,
                    "end": 1041,
                }
                for kind, cause, changed in _EXAMPLES
            ]
        }
    )


class ProductAnswer(BaseModel):
    """A live product, as a shop shows it."""

    key: str
    identifier: str | None
    updated: AwareDatetime | None
    document: dict[str, Any]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": _KEY,
                    "identifier": "SKU-1",
                    "updated": "2026-11-23T11:59:58+00:00",
                    "document": _DOCUMENT,
                }
            ]
        }
    )


class ModelAnswer(BaseModel):
    """A product model as the PIM shows it; codes of models and keys of variants below it."""

    code: str
    model: dict[str, Any]
    models: list[str]
    variants: list[str]


class ProductPage(BaseModel):
    """Products in key order. Go on with `after` = `next`; null: that was all."""

    products: list[ProductAnswer]
    next: str | None


class ItemAnswer(BaseModel):
    """A thing of the structure as the PIM shows it; `parent` of an option is its attribute."""

    parent: str
    code: str
    body: dict[str, Any]


class StructurePage(BaseModel):
    """Items by parent and code. Go on with `after` = `next`; null: that was all."""

    items: list[ItemAnswer]
    next: str | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "parent": "colour",
                            "code": "red",
                            "body": {"code": "red", "labels": {"en_US": "Red"}},
                        }
                    ],
                    "next": None,
                }
            ]
        }
    )


CHANGE_HELP = f"`change` is one of {', '.join(CHANGE_KINDS)}."

COMMON: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing else than with the ETag in If-None-Match"},
    401: {"model": Problem, "description": "No token, or not a good one"},
    429: {"model": Problem, "description": "Too many calls with this token; see Retry-After"},
    503: {"model": Problem, "description": "The store does not answer"},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is none, or none any more"}
}
TOO_OLD: dict[int | str, dict[str, Any]] = {
    410: {"model": Problem, "description": "Changes after that are not kept: reload everything"}
}


def answer_json(request: Request, text: str) -> Response:
    """Answer JSON with its ETag, or 304 where the caller has it already."""
    body = text.encode()
    tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
