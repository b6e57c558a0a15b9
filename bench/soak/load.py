"""The most that a PIM sends: saves of ten products, at random moments, 1.1 a second on average."""

import json
import random
import re
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

EVENTS = 10
_SIMULATOR = re.compile(r"simulated PIM at (http://[\d.:]+)")
_START_SECONDS = 120.0


class BulkSaves(threading.Thread):
    """Makes the demo's PIM save ten products again and again, instead of its own edits."""

    def __init__(self, log: Path, per_second: float) -> None:
        super().__init__(name="bulk-saves", daemon=True)
        self._log = log
        self._per_second = per_second
        self.stopped = threading.Event()

    def run(self) -> None:
        """Save until `stopped` is set."""
        url = f"{wait_for_simulator(self._log)}/_simulator"
        post(f"{url}/pace", {"per_second": 0})
        due = time.monotonic()
        while not self.stopped.wait(max(0.0, due - time.monotonic())):
            due += random.expovariate(self._per_second)
            with suppress(OSError):  # it ends before us
                post(f"{url}/edits", {"operations": EVENTS, "bulk": EVENTS, "wait": False})


def wait_for_simulator(log: Path) -> str:
    """Give the address of the PIM that `up` started, as soon as it says it."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        found = _SIMULATOR.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.5)  # noqa: TID251 - a thread of a script, and nothing else to do
    raise TimeoutError("no simulated PIM was started")


def post(url: str, body: object) -> None:
    """Send JSON."""
    request = urllib.request.Request(  # noqa: S310 - http, on this machine
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20):  # noqa: S310 - same
        pass
