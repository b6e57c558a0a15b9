"""The signature of an Events API delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(minutes=5)


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
    raise NotImplementedError


def check_signature(
    *,
    secrets: Sequence[str],
    signature: str | None,
    timestamp: str | None,
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> SignatureRefusal | None:
    """None if any of `secrets` signed this delivery within `tolerance` of `now`."""
    raise NotImplementedError
