"""The signature of an Events API delivery.

Lower-case hex HMAC-SHA256 with the connection's secret as key (its text, not decoded) over
`timestamp + "." + raw body`. The raw bytes count: the PIM escapes `/` and non-ASCII as PHP does, so
JSON written anew has another signature. There is no nonce: a repeated delivery is caught by its
event ids, and the time window bounds how long a recorded one stays good.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(minutes=5)

_MAX_TIMESTAMP_DIGITS = 12
"""Unix seconds have 10 digits until the year 2286; more than 12 is no time."""


class RefusalReason(StrEnum):
    """Why a delivery's signature was not accepted."""

    SIGNATURE_MISSING = "signature_missing"
    TIMESTAMP_MISSING = "timestamp_missing"
    TIMESTAMP_UNREADABLE = "timestamp_unreadable"
    CLOCK_OFF = "clock_off"
    SIGNATURE_UNKNOWN = "signature_unknown"


@dataclass(frozen=True, slots=True)
class SignatureRefusal:
    """Why, and how many seconds the sender's clock is ahead of ours (None: no usable timestamp)."""

    reason: RefusalReason
    clock_difference_seconds: int | None = None


def sign_delivery(secret: str, timestamp: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of `timestamp + "." + body`, as the PIM computes it."""
    mac = hmac.new(_bytes(secret), _bytes(timestamp) + b".", hashlib.sha256)
    mac.update(body)
    return mac.hexdigest()


def check_signature(
    *,
    secrets: Sequence[str],
    signature: str | None,
    timestamp: str | None,
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> SignatureRefusal | None:
    """None if any of `secrets` signed this delivery within `tolerance` of `now` (aware).

    The signature is checked before the clock is blamed: `clock_off` is said of genuine deliveries
    only, so that it can be believed. Every secret is tried, in constant time, whatever the headers
    hold.
    """
    if not signature:
        return SignatureRefusal(RefusalReason.SIGNATURE_MISSING)
    if not timestamp:
        return SignatureRefusal(RefusalReason.TIMESTAMP_MISSING)
    difference = _clock_difference(timestamp, now)
    if difference is None:
        return SignatureRefusal(RefusalReason.TIMESTAMP_UNREADABLE)
    if not _is_signed_by_any(secrets, signature, timestamp, body):
        return SignatureRefusal(RefusalReason.SIGNATURE_UNKNOWN, difference)
    if abs(difference) > tolerance.total_seconds():
        return SignatureRefusal(RefusalReason.CLOCK_OFF, difference)
    return None


def _is_signed_by_any(secrets: Sequence[str], signature: str, timestamp: str, body: bytes) -> bool:
    sent = _bytes(signature)
    matches = [
        hmac.compare_digest(_bytes(sign_delivery(secret, timestamp, body)), sent)
        for secret in secrets
        if secret  # an empty secret would let anyone sign
    ]
    return any(matches)


def _clock_difference(timestamp: str, now: datetime) -> int | None:
    is_plain = timestamp.isascii() and timestamp.isdigit()
    if not is_plain or len(timestamp) > _MAX_TIMESTAMP_DIGITS:
        return None
    return int(timestamp) - int(now.timestamp())


def _bytes(text: str) -> bytes:
    """Headers may hold anything; what cannot be encoded simply never matches."""
    return text.encode("utf-8", "surrogatepass")
