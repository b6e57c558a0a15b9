"""What an operator looks at shows the store; it neither asks a PIM nor waits for one."""

import socket
from collections.abc import Iterator

import pytest

from tests.integration.cli.shop_store import Call, Shop


@pytest.fixture
def silent_pim(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A configured PIM that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("AKENEO_BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("AKENEO_ACCESS_TOKEN", "an-app's-token")
        listener.settimeout(0)
        yield listener


def has_been_called(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


@pytest.mark.parametrize(
    "arguments", [("status",), ("status", "--json"), ("why", "lamp"), ("events",), ("export",)]
)
def test_what_shows_the_store_asks_no_pim(
    shop: Shop, call: Call, silent_pim: socket.socket, arguments: tuple[str, ...]
) -> None:
    shop.tell("lamp", event_id="e-1")
    assert call(*arguments).exit_code == 0
    assert not has_been_called(silent_pim)
