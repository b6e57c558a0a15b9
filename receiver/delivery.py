"""Verdicts on a delivery, by its headers and raw bytes alone: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import SecretStr

from pim.errors import BatchRejected
from pim.event_platform import check_platform_signature, check_time, parse_cloud_event
from pim.events import Batch, parse_batch
from pim.signature import SignatureRefusal, check_signature

SIGNATURE_HEADER = "X-Akeneo-Request-Signature"
TIMESTAMP_HEADER = "X-Akeneo-Request-Timestamp"

PRIMARY_HEADER = "X-Akeneo-Signature-Primary"
SECONDARY_HEADER = "X-Akeneo-Signature-Secondary"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as received: the headers that its dialect knows, those not sent left out.

    `body` is what arrived, byte for byte: the signature covers just that, whatever encoding the
    headers claim.
    """

    headers: Mapping[str, str]
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
        signature=delivery.headers.get(SIGNATURE_HEADER),
        timestamp=delivery.headers.get(TIMESTAMP_HEADER),
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


def judge_cloud_event(
    delivery: Delivery, secrets: Sequence[SecretStr], *, window: timedelta
) -> SignatureRefusal | Batch:
    """Check the signature over the raw bytes, then the event's own time, which they hold.

    What is signed and cannot be used is a batch all the same, of one invalid event.
    """
    refusal = check_platform_signature(
        secrets=[secret.get_secret_value() for secret in secrets],
        signatures=[delivery.headers.get(name) for name in (PRIMARY_HEADER, SECONDARY_HEADER)],
        body=delivery.body,
    )
    if refusal is not None:
        return refusal
    batch = parse_cloud_event(delivery.body)
    for event in batch.events:
        too_far = check_time(event.occurred_at, now=delivery.received_at, window=window)
        if too_far is not None:
            return too_far
    return batch
