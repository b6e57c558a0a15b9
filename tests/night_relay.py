"""A relay between the PIM and the receiver that takes down what was acknowledged, and can snipe."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle

from tests.served_posts import PostHandler, served_posts

_SECONDS = 5.0
_BAD_GATEWAY = 502

Sniper = Callable[[str], None]
"""Waits until the event of that id is stored, and kills the receiver at once."""


class Relay:
    """What went through. `lost`: told to a receiver that did not acknowledge it.

    Of several receivers each has its turn to be asked first; one that does not answer hands its
    delivery on to the next.
    """

    def __init__(self, *receiver_ports: int) -> None:
        self.acknowledged: set[str] = set()
        self.told: set[str] = set()
        self.refused: set[str] = set()  # 503: the receiver lives, and could not store in time
        self.answers: Counter[str] = Counter()
        self.under_way = 0
        self.unanswered = 0  # stored, and killed before the answer was written
        self.taken: Counter[int] = Counter()  # deliveries, by the receiver that answered
        self._turns = cycle(
            receiver_ports[at:] + receiver_ports[:at] for at in range(len(receiver_ports))
        )
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
        with self._lock:
            ports = next(self._turns)
        status, text = _BAD_GATEWAY, b"no receiver"
        for port in ports:
            status, text = self._ask(
                port, path, headers, body, sniper and partial(sniper, min(ids))
            )
            if status != _BAD_GATEWAY:
                self.taken[port] += 1
                break
        with self._lock:
            if status == http.client.OK:
                self.acknowledged |= ids
            elif status == http.client.SERVICE_UNAVAILABLE:
                self.refused |= ids
        return status, text

    def _ask(
        self,
        port: int,
        path: str,
        headers: dict[str, str],
        body: bytes,
        snipe: Callable[[], None] | None,
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        try:
            connection.request("POST", path, body=body, headers=headers)
            if snipe is not None:
                snipe()
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            if snipe is not None:
                self.unanswered += 1
            return _BAD_GATEWAY, str(error).encode()
        finally:
            connection.close()
            if snipe is not None:
                self._sniped.set()


@contextmanager
def relayed(*receiver_ports: int) -> Iterator[tuple[Relay, str]]:
    """Run a relay; answer it and its address."""
    relay = Relay(*receiver_ports)

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
