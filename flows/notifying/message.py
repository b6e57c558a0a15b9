"""Messages to shops: some changes of the feed in one body, with an id that is theirs, signed.

As Standard Webhooks says (www.standardwebhooks.com): a signature is the base64 of HMAC-SHA256 over
`id.timestamp.body`; the key is what follows `whsec_` in the secret, decoded from base64. Several
stand side by side while a secret is exchanged.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from pim.canonical import dump_json
from storage import Transaction
from storage.views import FeedEntry, read_feed
from storage.webhooks import Webhook

PRODUCT_CHANGED = "product.changed"
PING = "ping"

_PREFIX = "whsec_"

MOST_CHANGES = 500
"""The most that a webhook may have sent in one request."""

MOST_BYTES = 1024 * 1024
"""A message is cut after the change with which it reaches this length."""


@dataclass(frozen=True, slots=True)
class Message:
    """A body and its id: the same changes sent again have the same one. `last`: their last."""

    id: str
    body: bytes
    last: int
    changes: int


def read_message(tx: Transaction, webhook: Webhook) -> Message | None:
    """Read what is to be sent next; None: nothing has changed.

    What was sent before and not confirmed is sent again: the same changes, with each product's
    document as it is now.

    Raises:
        FeedLost: not all changes after the webhook's position are there.
    """
    documents = webhook.documents
    page = read_feed(tx, after=webhook.position, limit=webhook.most, documents=documents)
    entries = _same_as_before(page.entries, webhook.batch_end)
    lines = [entry.line(documents=documents) for entry in entries]
    if webhook.batch_end is None:
        lines = _first_of(lines)
    if not lines:
        return None
    entries = entries[: len(lines)]
    last = entries[-1].change
    data = f'{{"changes":[{",".join(lines)}],"next":{last.seq}}}'
    message_id = _identify(webhook, entries[0].change.seq, last.seq, last.at)
    return Message(message_id, _body(PRODUCT_CHANGED, last.at, data), last.seq, len(lines))


def make_ping(webhook: Webhook, *, now: datetime) -> Message:
    """Make a message that tells of nothing, to see whether it arrives."""
    body = _body(PING, now, dump_json({"webhook": webhook.name}))
    return Message(f"msg_{uuid4().hex}", body, webhook.position, 0)


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


def _same_as_before(entries: Sequence[FeedEntry], batch_end: int | None) -> Sequence[FeedEntry]:
    if batch_end is None:
        return entries
    return [entry for entry in entries if entry.change.seq <= batch_end]


def _first_of(lines: Sequence[str]) -> list[str]:
    """The first few that one body takes: one at least."""
    taken: list[str] = []
    length = 0
    for line in lines:
        taken.append(line)
        length += len(line)
        if length >= MOST_BYTES:
            break
    return taken


def _body(kind: str, at: datetime, data: str) -> bytes:
    return f'{{"type":"{kind}","timestamp":"{at.isoformat()}","data":{data}}}'.encode()


def _identify(webhook: Webhook, first: int, last: int, at: datetime) -> str:
    """By webhook, numbers, and what numbers alone do not tell apart.

    A replay, a webhook made anew, and numbers that a restored backup gives out a second time.
    """
    parts = (webhook.name, webhook.made_at.isoformat(), webhook.replays, first, last, at)
    return f"msg_{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"
