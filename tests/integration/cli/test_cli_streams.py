"""The command with bad streams: nobody reads, no room, closed, another encoding."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from settings import read_environment
from tests.integration.cli.shop_store import Shop

_MAIN = "from cli.main import main; main()"
_CLOSED = "import os, sys; os.close({0}); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One kind of store: it is not asked differently."""
    return sqlite_url


def run(
    shop: Shop,
    *arguments: str,
    before: tuple[str, ...] = (),
    stdout: int = subprocess.PIPE,
    env: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 -- our own interpreter and module
        [sys.executable, *before, "-c", _MAIN, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**read_environment(), "SYNC_DATABASE_URL": str(shop.store.engine.url), **env},
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    "arguments",
    [["export"], ["export", "--format", "csv"], ["export", "--format", "parquet"], ["--help"]],
)
def test_a_full_disk_is_one_line(shop: Shop, arguments: list[str]) -> None:
    shop.write("SKU-1")
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = run(shop, *arguments, stdout=full)
    finally:
        os.close(full)
    assert done.returncode == 1
    said = done.stderr.decode()
    assert said.startswith("akeneo-sync: the output cannot be written: No space left on device; ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_stream_is_no_error_and_does_not_become_the_store(shop: Shop, stream: int) -> None:
    shop.write("SKU-1")
    before = shop.tell("SKU-1", event_id="e-1")
    assert before.accepted == 1

    done = run(shop, "discard", "--all", "--note", "x", before=("-c", _CLOSED.format(stream)))

    assert (done.returncode, done.stderr) == (0, b"")
    assert run(shop, "status", "--json").returncode == 0  # the store is whole


def test_letters_that_the_terminal_lacks_are_shown_as_escapes(shop: Shop) -> None:
    shop.tell("Größe 日本", event_id="e-1")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for arguments in (["events"], ["why", "größe 日本"]):
        done = run(shop, *arguments, env=plain)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.isascii()
        assert rb"r\xf6\xdfe \u65e5\u672c" in done.stdout
