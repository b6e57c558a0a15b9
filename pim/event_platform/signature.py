"""Signatures of the Event Platform: lower-case hex HMAC-SHA256 of the raw body, and no more.

Up to two secrets sign each delivery, each in a header of its own, so that one can be exchanged
without a gap. No timestamp is signed beside the body: how old it may be is judged by the event's
own `time`, and repeats are caught by its id.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from pim.signature import RefusalReason, SignatureRefusal


def sign_body(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the body, with the secret's text as key."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), body, hashlib.sha256).hexdigest()


def check_platform_signature(
    *, secrets: Sequence[str], signatures: Sequence[str | None], body: bytes
) -> SignatureRefusal | None:
    """None if any of `secrets` made any of `signatures` of this body.

    Every pair is compared, in constant time, whatever the headers hold.
    """
    sent = [each.encode("utf-8", "surrogatepass") for each in signatures if each]
    if not sent:
        return SignatureRefusal(RefusalReason.SIGNATURE_MISSING)
    matches = [
        hmac.compare_digest(sign_body(secret, body).encode(), each)
        for secret in secrets
        if secret  # an empty secret would let anyone sign
        for each in sent
    ]
    return None if any(matches) else SignatureRefusal(RefusalReason.SIGNATURE_UNKNOWN)


def check_time(at: datetime | None, *, now: datetime, window: timedelta) -> SignatureRefusal | None:
    """None if a signed instant is within the window around `now`, or there is none to judge by."""
    if at is None or abs(now - at) <= window:
        return None
    return SignatureRefusal(RefusalReason.CLOCK_OFF, int((at - now).total_seconds()))
