"""Verdicts on a delivery, by its headers and raw bytes alone: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from pim.errors import BatchRejected
from pim.events import Batch, parse_batch
from pim.signature import SignatureRefusal, check_signature

SIGNATURE_HEADER = "X-Akeneo-Request-Signature"
TIMESTAMP_HEADER = "X-Akeneo-Request-Timestamp"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as received; a header that was not sent is None.

    `body` is what arrived, byte for byte: the signature covers just that, whatever encoding the
    headers claim.
    """

    signature: str | None
    timestamp: str | None
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EmptyBody:
    """Signed, and empty: the PIM's Test button."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Signed, but no batch."""

    detail: str


Verdict = SignatureRefusal | EmptyBody | Unreadable | Batch


def join_header(values: Sequence[str]) -> str | None:
    """One header's value; a repeated header is its values in a row (RFC 9110, 5.3).

    No PIM repeats one, and a second signature or timestamp then fails the check: none is chosen.
    """
    return ", ".join(values) if values else None


def judge_delivery(delivery: Delivery, secrets: Sequence[SecretStr]) -> Verdict:
    """Check the signature first, over the raw bytes; only then look at what was signed."""
    refusal = check_signature(
        secrets=[secret.get_secret_value() for secret in secrets],
        signature=delivery.signature,
        timestamp=delivery.timestamp,
        body=delivery.body,
        now=delivery.received_at,
    )
    if refusal is not None:
        return refusal
    if not delivery.body:
        return EmptyBody()
    try:
        return parse_batch(delivery.body)
    except BatchRejected as error:
        return Unreadable(error.detail)
