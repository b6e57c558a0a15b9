"""CloudEvents as the Event Platform writes them, their ids, and the headers that sign them."""

import json
import secrets
from datetime import UTC, datetime
from uuid import UUID

from pim.event_platform import sign_body
from pim.json_types import JsonObject
from simulator.config import EventPlatformConfig

PRIMARY = "X-AKENEO-SIGNATURE-PRIMARY"
SECONDARY = "X-AKENEO-SIGNATURE-SECONDARY"
ALGORITHM = "X-AKENEO-SIGNATURE-ALGORITHM"
_SCHEMAS = "https://event.prd.sdk.akeneo.cloud/spec"
# Go writes these so wherever they stand in JSON; in JSON text they stand inside of strings only.
_ESCAPED = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_GO = str.maketrans(_ESCAPED)


def encode_json(body: JsonObject) -> bytes:
    """JSON as Go writes it: UTF-8, with `<`, `>` and `&` escaped."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_GO).encode("utf-8", "surrogatepass")


def encode_event(
    config: EventPlatformConfig,
    kind: str,
    data: JsonObject,
    *,
    event_id: str,
    subject: str,
    time: str,
) -> bytes:
    """One CloudEvent in structured mode; `subject` is the subscription's id."""
    return encode_json(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": config.source_value,
            "type": kind,
            "subject": subject,
            "datacontenttype": "application/json",
            "dataschema": f"{_SCHEMAS}/{kind}.schema.json",
            "time": time,
            "data": data,
        }
    )


def signature_headers(body: bytes, primary: str, secondary: str | None = None) -> dict[str, str]:
    """The headers that sign a body with one secret or two."""
    headers = {ALGORITHM: "HmacSHA256", PRIMARY: sign_body(primary, body)}
    if secondary:
        headers[SECONDARY] = sign_body(secondary, body)
    return headers


def make_id(now: datetime) -> str:
    """A UUID of version 7: its first half says when it was made."""
    value = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


def instant_text(seconds: float, digits: int = 9) -> str:
    """Seconds since 1970 as RFC 3339 in UTC, with so many digits after the second."""
    moment = datetime.fromtimestamp(seconds, UTC)
    fraction = f".{moment.microsecond:06d}000"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
