"""A web server on the loopback, in threads of this process, for whoever takes POST requests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class PostHandler(BaseHTTPRequestHandler):
    """Takes POST requests without a word on stderr."""

    def do_POST(self) -> None:
        self.take_post(self.rfile.read(int(self.headers["Content-Length"] or 0)))

    def take_post(self, body: bytes) -> None:
        """Answer a request with this body."""
        raise NotImplementedError

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: what matters is kept or counted."""


@contextmanager
def served_posts(handler: type[PostHandler]) -> Iterator[str]:
    """The server's base URL, while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
