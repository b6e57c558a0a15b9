"""Keeps back what a simulated PIM delivers, so that a test hands it on as it likes.

In another order, more than once, not at all: event by event, each in a delivery of its own.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pim.json_types import JsonObject
from pim.signature import sign_delivery
from tests.served_app import open_http
from tests.served_posts import PostHandler, served_posts


class PostOffice:
    """What the PIM has told and nobody has heard yet."""

    def __init__(self, receiver_url: str, secret: str) -> None:
        self.kept: list[JsonObject] = []
        self._webhook = f"{receiver_url}/webhooks/events-api"
        self._secret = secret
        self._http = open_http(timeout=60)

    def take(self) -> list[JsonObject]:
        """The events kept since the last time, oldest first."""
        kept, self.kept = self.kept, []
        return kept

    def close(self) -> None:
        """Close the connection to the receiver."""
        self._http.close()

    def hand_on(self, events: Iterable[JsonObject]) -> None:
        """Deliver events one by one, in the order given."""
        for event in events:
            body = json.dumps({"events": [event]}).encode()
            now = str(int(time.time()))
            headers = {
                "Content-Type": "application/json",
                "X-Akeneo-Request-Timestamp": now,
                "X-Akeneo-Request-Signature": sign_delivery(self._secret, now, body),
            }
            answer = self._http.post(self._webhook, content=body, headers=headers)
            answer.raise_for_status()


@contextmanager
def post_office(receiver_url: str, secret: str) -> Iterator[tuple[PostOffice, str]]:
    """Run a post office before a receiver; answer it, and the address to give to the PIM."""
    office = PostOffice(receiver_url, secret)

    class Handler(PostHandler):
        def take_post(self, body: bytes) -> None:
            office.kept += json.loads(body)["events"]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    try:
        with served_posts(Handler) as address:
            yield office, address
    finally:
        office.close()
