"""Signatures of requests to shops: Standard Webhooks, version 1 (www.standardwebhooks.com).

Base64 of HMAC-SHA256 over `id.timestamp.body`; the key is what follows `whsec_` in the secret,
decoded from base64. Several signatures stand side by side while a secret is exchanged.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

_PREFIX = "whsec_"


def signed_headers(
    secrets: Sequence[str], *, message_id: str, at: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers of a request that is sent at that instant: one signature for each secret."""
    timestamp = str(int(at.timestamp()))
    signatures = [sign(secret, message_id=message_id, timestamp=timestamp, body=body)
                  for secret in secrets]  # fmt: skip
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def sign(secret: str, *, message_id: str, timestamp: str, body: bytes) -> str:
    """One signature, `v1,…`."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode()}"
