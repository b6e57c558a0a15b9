"""A relay between the PIM and the receiver that takes down what was acknowledged, and can snipe."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.served_posts import PostHandler, served_posts

_SECONDS = 5.0
_BAD_GATEWAY = 502

Sniper = Callable[[str], None]
"""Waits until the event of that id is stored, and kills the receiver at once."""


class Relay:
    """What went through. `lost`: told to a receiver that did not acknowledge it."""

    def __init__(self, receiver_port: int) -> None:
        self.acknowledged: set[str] = set()
        self.told: set[str] = set()
        self.refused: set[str] = set()  # 503: the receiver lives, and could not store in time
        self.answers: Counter[str] = Counter()
        self.under_way = 0
        self.unanswered = 0  # stored, and killed before the answer was written
        self._receiver_port = receiver_port
        self._lock = threading.Lock()
        self._sniper: Sniper | None = None
        self._sniped = threading.Event()

    @property
    def lost(self) -> set[str]:
        """The events that nobody has acknowledged."""
        with self._lock:
            return self.told - self.acknowledged

    def snipe(self, sniper: Sniper, *, seconds: float) -> bool:
        """Let the next delivery be stored and its receiver be killed; say whether one came."""
        self._sniped.clear()
        with self._lock:
            self._sniper = sniper
        came = self._sniped.wait(seconds)
        with self._lock:
            self._sniper = None
        return came

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Hand on a delivery, and count it while that lasts."""
        with self._lock:
            self.under_way += 1
        try:
            status, text = self._pass_on(path, headers, body)
            self.answers[f"{status}" if status != _BAD_GATEWAY else f"none: {text!r}"] += 1
            return status, text
        finally:
            with self._lock:
                self.under_way -= 1

    def _pass_on(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer what the receiver says to a delivery (502: nothing)."""
        ids = {event["event_id"] for event in json.loads(body)["events"]} if body else set()
        with self._lock:
            self.told |= ids
            sniper, self._sniper = (self._sniper, None) if ids else (None, self._sniper)
        connection = http.client.HTTPConnection("127.0.0.1", self._receiver_port, timeout=_SECONDS)
        try:
            connection.request("POST", path, body=body, headers=headers)
            if sniper is not None:
                sniper(min(ids))
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            if sniper is not None:
                self.unanswered += 1
            return _BAD_GATEWAY, str(error).encode()
        finally:
            connection.close()
            if sniper is not None:
                self._sniped.set()
        with self._lock:
            if status == http.client.OK:
                self.acknowledged |= ids
            elif status == http.client.SERVICE_UNAVAILABLE:
                self.refused |= ids
        return status, text


@contextmanager
def relayed(receiver_port: int) -> Iterator[tuple[Relay, str]]:
    """Run a relay; answer it and its address."""
    relay = Relay(receiver_port)

    class Handler(PostHandler):
        def take_post(self, body: bytes) -> None:
            kept = {
                name: text
                for name, text in self.headers.items()
                if name.lower() not in {"host", "connection", "content-length"}
            }
            status, text = relay.take(self.path, kept, body)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:  # the PIM waits for half a second only
                self.close_connection = True

    with served_posts(Handler) as address:
        yield relay, address
