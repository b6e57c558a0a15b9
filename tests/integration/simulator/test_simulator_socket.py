import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection

import httpx
import pytest

from simulator.config import SimulatorConfig
from simulator.serve import bind_socket, run_simulator


class Shop(ThreadingHTTPServer):
    """Takes deliveries on a socket of its own."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []


class Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def serve(config: SimulatorConfig, ready: Connection) -> None:
    run_simulator(config, announce=ready.send)


@contextmanager
def served_pim(config: SimulatorConfig) -> Iterator[str]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(config, theirs), daemon=True)
    process.start()
    try:
        assert ours.poll(30)
        yield str(ours.recv())
    finally:
        process.terminate()
        process.join(10)
    assert process.exitcode is not None


def test_a_served_pim_answers_delivers_and_ends_when_told(shop: Shop) -> None:
    config = SimulatorConfig(
        port=0,
        products=120,
        app_token="the-app",
        webhook_url=f"http://127.0.0.1:{shop.server_port}/hook",
        webhook_secret="secret",
    )
    with served_pim(config) as url, httpx.Client(base_url=url, timeout=30) as client:
        bearer = {"Authorization": "Bearer the-app"}
        page = client.get("/api/rest/v1/products-uuid", params={"limit": "100"}, headers=bearer)
        assert page.json()["_links"]["next"]["href"].startswith(url)
        assert len(page.headers.get_list("Date")) == 1

        done = client.post("/_simulator/edits", json={"operations": 20}).json()
        assert done["delivered"] is True
        events = [event for body in shop.bodies for event in json.loads(body)["events"]]
        assert events
        assert {event["pim_source"] for event in events} == {url}


def test_a_taken_port_is_an_error_at_once() -> None:
    with bind_socket("127.0.0.1", 0) as taken, pytest.raises(OSError, match="in use"):
        run_simulator(SimulatorConfig(port=taken.getsockname()[1], products=0))
