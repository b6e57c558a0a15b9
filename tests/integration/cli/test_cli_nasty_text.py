"""What a PIM calls its things reaches a screen: shown, and not obeyed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pim.ids import ProductKey
from settings import read_environment, visible
from storage.state.alarms import raise_alarm
from tests.integration.cli.shop_store import Call, Shop

# Without what no delivery's JSON gets into a store: NUL, half of a pair.
NASTY = "SKU\x1b[2J\x9b5m\x85\u2028\u202e\u2066\ufeff\n\r\tend"
JOINED = "👩\u200d👧"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One kind of store: it is not asked differently."""
    return sqlite_url


@pytest.fixture
def nasty(shop: Shop) -> Shop:
    """A shop in which everything that a stranger may name is named so."""
    data = json.dumps(NASTY + JOINED, ensure_ascii=False)
    values = f'{{"name":[{{"locale":null,"scope":null,"data":{data}}}]}}'
    shop.write(json.dumps(NASTY)[1:-1], uuid="0b1f6b5e-0000-4000-8000-000000000001", raw=values)
    told = {
        "action": "product.updated",
        "event_id": f"e-1{NASTY}",
        "event_datetime": "2026-11-23T11:59:00+00:00",
        "author": NASTY,
        "author_type": "ui",
        "pim_source": NASTY,
        "data": {"resource": {"uuid": "0b1f6b5e-0000-4000-8000-000000000001", "identifier": NASTY}},
    }
    shop.deliver(told, told | {"event_id": "e-2", "action": f"product.{NASTY}"})
    with shop.store.transaction() as tx:
        raise_alarm(tx, name="search-index", text=f"lacks {NASTY}", now=datetime.now(UTC))
    return shop


@pytest.mark.parametrize(
    "arguments",
    [
        ["events"],
        ["status"],
        ["why", "0b1f6b5e-0000-4000-8000-000000000001"],
        ["why", NASTY],
        ["why", f"{NASTY}?"],
        ["approve", NASTY],
        ["replay", NASTY],
        ["export"],
        ["events", "--json"],
        ["status", "--json"],
        ["why", "0b1f6b5e-0000-4000-8000-000000000001", "--json"],
    ],
    ids=lambda arguments: " ".join(map(visible, arguments))[:30],
)
def test_no_view_obeys_it(nasty: Shop, call: Call, arguments: list[str]) -> None:
    assert nasty.store is not None
    done = call(*arguments)
    assert not isinstance(done.exception, ValueError | UnicodeError | LookupError)
    lines = (done.stdout + done.stderr).split("\n")
    assert "".join(lines)  # there is something to look at
    assert all(line == visible(line) for line in lines)


def test_an_export_is_one_object_a_line_for_every_reader(nasty: Shop, call: Call) -> None:
    assert nasty.store is not None
    lines = call("export").stdout.splitlines()  # Python's lines end at U+2028 and U+0085, too
    assert len(lines) == 1
    line = lines[0]
    product = json.loads(line)
    assert product["identifier"] == NASTY
    assert product["source"]["values"]["name"][0]["data"] == NASTY + JOINED
    assert JOINED in line  # a joiner is a letter's part
    assert product["key"] == ProductKey("0b1f6b5e-0000-4000-8000-000000000001")


def run(shop: Shop, *arguments: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 -- our own interpreter and module
        [sys.executable, "-c", "from cli.main import main; main()", *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={
            **read_environment(),
            "SYNC_DATABASE_URL": str(shop.store.engine.url),
            "PYTHONIOENCODING": encoding,
        },
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_of_few_letters_shows_it_all(nasty: Shop, encoding: str) -> None:
    done = run(nasty, "events", encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode(encoding)
    assert all(line == visible(line) for line in shown.split("\n"))


def test_a_reader_that_has_had_enough_is_no_error(shop: Shop) -> None:
    for number in range(40):
        shop.write(f"SKU-{number}", raw=_long_values())
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", "export"],
        stdout=writer,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**read_environment(), "SYNC_DATABASE_URL": str(shop.store.engine.url)},
    )
    os.close(writer)
    os.read(reader, 10)
    os.close(reader)  # as `head -c 10` does
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")


def _long_values() -> str:
    data = json.dumps("x" * 20_000)
    return f'{{"name":[{{"locale":null,"scope":null,"data":{data}}}]}}'
