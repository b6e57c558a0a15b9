"""What a wrong address or a proxy answers, on a connection: `doctor` names cause and cure."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli.checks.finding import Finding, Findings
from cli.checks.source import check_source
from settings import load_settings

PAGE = "<html><title>Just a moment</title><p>Ray ID 42"


def answer(status: str, body: str = "", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", body]).encode()


@contextmanager
def answering(sent: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers everything so."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                connection = listener.accept()[0]
                with suppress(OSError), connection:
                    answer_one(connection)

    def answer_one(plain: socket.socket) -> None:
        connection = context.wrap_socket(plain, server_side=True) if context else plain
        read_request(connection)  # whole: what is closed on an unread rest is reset
        connection.sendall(sent)
        connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def read_request(connection: socket.socket) -> None:
    text = b""
    while piece := connection.recv(65536):
        text += piece
        head, found, body = text.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        is_whole = found and len(body) >= (int(length[1]) if length else 0)
        if is_whole or not text[:1].isalpha():  # a TLS greeting ends otherwise
            return


def examine(base_url: str, folder: Path) -> list[Finding]:
    settings = load_settings(
        {
            "AKENEO_BASE_URL": base_url,
            "AKENEO_CLIENT_ID": "id",
            "AKENEO_CLIENT_SECRET": "the-client-secret",
            "AKENEO_USERNAME": "julia",
            "AKENEO_PASSWORD": "the-password",
        },
        root=folder,
    )
    found = Findings("PIM")
    check_source(settings, found)
    return [each for each in found.found if each.advice]


@pytest.mark.parametrize(
    ("sent", "how", "advice"),
    [
        (answer("200 OK", PAGE), "no JSON", "not the PIM's API"),
        (answer("403 Forbidden", PAGE), "Just a moment", "firewall or proxy"),
        (answer("406 Not Acceptable", PAGE), "Just a moment", "firewall or proxy"),
        (answer("418 I'm a teapot", "short and stout"), "stout", "firewall or proxy"),
        (answer("407 Proxy Authentication Required", PAGE), "moment", "firewall or proxy"),
        (answer("429 Too Many Requests", PAGE), "Just a moment", "more often than now"),
        (answer("404 Not Found", PAGE), "Just a moment", "/user/login"),
        (answer("401 Unauthorized", PAGE), "Just a moment", "a login of its own"),
        (answer("503 Service Unavailable", PAGE), "Just a moment", "behind it is not"),
        (answer("500 Internal Server Error", PAGE), "Just a moment", "var/logs"),
        (
            answer("301 Moved", "", "Location: https://pim.example.com/api/oauth/v1/token"),
            "redirects to https://pim.example.com",
            "set AKENEO_BASE_URL to https://pim.example.com",
        ),
        (
            answer("302 Found", "", "Location: https://id.example.com/login?to=x"),
            "redirects to https://id.example.com/login",
            "exempt",
        ),
        (
            answer(
                "422 Unprocessable",
                '{"code":422,"message":"Parameter \\"client_id\\" is missing or does not match any'
                ' client, or secret is invalid"}',
            ),
            "client_id",
            "AKENEO_CLIENT_SECRET",
        ),
        (
            answer(
                "422 Unprocessable",
                '{"code":422,"message":"No user found for the given username and password"}',
            ),
            "No user found",
            "AKENEO_PASSWORD",
        ),
        (b"", "disconnected", "may want https://"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "", "may want https://"),
    ],
    ids=lambda value: value[9:35].decode() if isinstance(value, bytes) else "",
)
def test_what_answers_is_told_from_the_pim(
    sent: bytes, how: str, advice: str, tmp_path: Path
) -> None:
    with answering(sent) as port:
        (finding,) = examine(f"http://127.0.0.1:{port}", tmp_path)
    assert how in finding.how
    assert advice in finding.advice
    assert "the-password" not in finding.how


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's, with a certificate that nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pim.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    ("make_url", "with_tls", "advice"),
    [
        (lambda port: f"https://127.0.0.1:{port}", True, "SSL_CERT_FILE"),
        (lambda port: f"https://127.0.0.1:{port}", False, "write http://"),
        (lambda port: f"http://127.0.0.1:{port}", True, "may want https://"),
        (lambda _port: "http://127.0.0.1:9", False, "nothing listens there"),
    ],
    ids=["self-signed", "https to http", "http to https", "nobody"],
)
def test_no_connection_has_its_cause(
    tls: ssl.SSLContext,
    make_url: Callable[[int], str],
    with_tls: bool,  # noqa: FBT001 -- a parameter
    advice: str,
    tmp_path: Path,
) -> None:
    with answering(answer("200 OK", "{}"), tls if with_tls else None) as port:
        (finding,) = examine(make_url(port), tmp_path)
    assert finding.what == "reachable"
    assert advice in finding.advice
