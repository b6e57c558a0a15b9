"""Routes of stored files: what products hold, and what records and assets hold.

What is behind a code is made from the code: a small picture, or a few bytes of another kind. The
store of a PIM keeps a file for ever, so every code of the right form leads to one.
"""

import hashlib
import mimetypes
import re
import struct
import zlib

from fastapi import APIRouter, Request
from starlette.responses import Response

from simulator.api.answers import json_response, simulation_of
from simulator.errors import not_found

router = APIRouter(prefix="/api/rest/v1")

_CODE = re.compile(r"(?:[0-9a-f]/){4}[0-9a-f]{40}_(?P<name>[^/]+\.(?P<extension>[A-Za-z0-9]+))\Z")
_SIDE = 4


@router.get("/media-files/{code:path}")
async def get_media_file(request: Request, code: str) -> Response:
    """What the PIM knows of a product's file, or the file itself."""
    if code.endswith("/download"):
        return _file(code.removesuffix("/download"), "Media file")
    name, extension = _names(code, "Media file")
    base = f"{simulation_of(request).config.base_url}/api/rest/v1/media-files/{code}"
    return json_response(
        {
            "_links": {"download": {"href": f"{base}/download"}},
            "code": code,
            "original_filename": name,
            "mime_type": _mime_type(name),
            "size": len(make_file(code)),
            "extension": extension,
        }
    )


@router.get("/reference-entities-media-files/{code:path}")
async def get_record_file(request: Request, code: str) -> Response:
    """The file of a reference entity or a record."""
    _refuse_in_community(request)
    return _file(code, "Media file")


@router.get("/asset-media-files/{code:path}")
async def get_asset_file(request: Request, code: str) -> Response:
    """The file of an asset."""
    _refuse_in_community(request)
    return _file(code, "Media file")


def make_file(code: str) -> bytes:
    """The bytes of a stored file: the same for one code at all times."""
    digest = hashlib.sha256(code.encode()).digest()
    return _picture(digest[:3]) if code.endswith(".png") else b"%PDF-1.4\n% " + digest + b"\n%%EOF"


def _file(code: str, noun: str) -> Response:
    name, _ = _names(code, noun)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(make_file(code), 200, headers, _mime_type(name))


def _names(code: str, noun: str) -> tuple[str, str]:
    match = _CODE.match(code)
    if match is None:
        raise not_found(f'{noun} "{code}" does not exist.')
    return match["name"], match["extension"]


def _mime_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _refuse_in_community(request: Request) -> None:
    if not simulation_of(request).config.is_enterprise:
        raise not_found(f'No route found for "{request.method} {request.url}"')


def _picture(colour: bytes) -> bytes:
    """A square PNG of one colour."""
    rows = (b"\x00" + colour * _SIDE) * _SIDE
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum
