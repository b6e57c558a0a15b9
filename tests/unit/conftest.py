"""The unit suite opens no socket and does not import Prefect."""

import socket
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise AssertionError("a unit test opened a socket; it belongs into tests/integration")

    monkeypatch.setattr(socket.socket, "connect", refuse)
