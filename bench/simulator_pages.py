"""Pages a second of the simulated PIM, against a bare server that sends the same bytes.

The simulator is what other benchmarks read from: it must not be what they measure. Run as
`python bench/simulator_pages.py [products] [pages]`; the figures go to bench/results/ as JSON too.
"""

import http.client
import json
import multiprocessing
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp

from simulator.config import SimulatorConfig
from simulator.serve import bind_socket, run_simulator

FLAGS = "with_attribute_options=true&with_quality_scores=true&with_completenesses=true"
FIRST = f"/api/rest/v1/products-uuid?pagination_type=search_after&limit=100&{FLAGS}"
RESULTS = Path(__file__).parent / "results" / "simulator_pages.json"
GOAL_PAGES_PER_SECOND = 100
APP_TOKEN = "benchmark"  # noqa: S105 - of a server that lives for a minute
_NEXT = re.compile(rb'"next":\{"href":"([^"]+)"')
_HEAD = 2048


def serve_simulator(products: int, ready: Connection) -> None:
    """Run the simulated PIM in this process."""
    config = SimulatorConfig(port=0, products=products, app_token=APP_TOKEN)
    run_simulator(config, announce=ready.send)


def serve_bytes(body: bytes, ready: Connection) -> None:
    """Run a server that knows one answer, as bare as uvicorn allows."""
    answer: ASGIApp = Response(body, media_type="application/json")
    listener = bind_socket("127.0.0.1", 0)
    config = uvicorn.Config(answer, access_log=False, log_level="warning", lifespan="off")
    ready.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def running(target: Callable[..., None], argument: object) -> Iterator[http.client.HTTPConnection]:
    """A server in a process of its own, and a connection to it."""
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe()
    process = context.Process(target=target, args=(argument, theirs))
    process.start()
    try:
        address = urlsplit(ours.recv())
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.join()


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """The body of one GET."""
    connection.request("GET", path, headers={"Authorization": f"Bearer {APP_TOKEN}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
    return body


def walk(connection: http.client.HTTPConnection, pages: int) -> tuple[float, list[bytes]]:
    """Follow the links for so many pages, from the start again at the end: pages a second."""
    path = FIRST
    bodies: list[bytes] = []
    started = time.perf_counter()
    for _ in range(pages):
        body = get(connection, path)
        bodies.append(body[:0] if bodies else body)
        found = _NEXT.search(body, 0, _HEAD)
        path = FIRST if found is None else found[1].decode().partition("/api/")[2]
        path = path if path.startswith("/api/") else f"/api/{path}"
    return pages / (time.perf_counter() - started), bodies


def repeat(connection: http.client.HTTPConnection, pages: int) -> float:
    """Get the same bytes over and over: pages a second."""
    started = time.perf_counter()
    for _ in range(pages):
        _NEXT.search(get(connection, "/"), 0, _HEAD)
    return pages / (time.perf_counter() - started)


def measure(products: int, pages: int) -> dict[str, float]:
    """All figures of one run; the warm ones and the limit are the medians of five turns."""
    with running(serve_simulator, products) as pim:
        cold, bodies = walk(pim, products // 100)
        with running(serve_bytes, bodies[0]) as bare:
            turns = [(walk(pim, pages)[0], repeat(bare, pages)) for _ in range(5)]
    warm = statistics.median(turn[0] for turn in turns)
    limit = statistics.median(turn[1] for turn in turns)
    return {
        "products": products,
        "page_bytes": len(bodies[0]),
        "cold_pages_per_second": round(cold, 1),
        "warm_pages_per_second": round(warm, 1),
        "limit_pages_per_second": round(limit, 1),
        "ratio": round(warm / limit, 3),
        "goal_pages_per_second": GOAL_PAGES_PER_SECOND,
    }


def main() -> None:
    """Measure, print, and keep the figures."""
    products, pages = ([int(text) for text in sys.argv[1:]] + [20_000, 300])[:2]
    figures = measure(products, pages)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"simulator pages: {figures['warm_pages_per_second']} pages/s of 100 products "
        f"({figures['page_bytes'] / 1000:.0f} kB), {figures['cold_pages_per_second']} from the "
        f"start; a bare server sends the same bytes {figures['limit_pages_per_second']} times/s: "
        f"ratio {figures['ratio']}"
    )
    if figures["warm_pages_per_second"] < GOAL_PAGES_PER_SECOND:
        raise SystemExit(f"below the goal of {GOAL_PAGES_PER_SECOND} pages/s")


if __name__ == "__main__":
    main()
