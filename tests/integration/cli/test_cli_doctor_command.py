"""`doctor`: with everything in order, and with each part away or wrong, one at a time."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from receiver.app import build_app
from tests.integration.cli.prefect_stub import PrefectStub
from tests.integration.cli.shop_store import Call, Pim, Shop
from tests.served_app import bind_loopback, patient, served
from tests.shop import SilentTrigger

SECRET = "fh2k3l4jh5lk2j3h4l5k2jh3l4k5jh"
Told = dict[str, dict[str, Any]]


@pytest.fixture
def prefect(pim: Pim, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectStub]:
    del pim  # its environment names another Prefect, which this one replaces
    stub = PrefectStub()
    with served(stub.app()) as url:
        monkeypatch.setenv("PREFECT_API_URL", f"{url}/api")
        yield stub


@pytest.fixture
def receiver(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    listener = bind_loopback()
    monkeypatch.setenv("SYNC_PORT", str(listener.getsockname()[1]))
    monkeypatch.setenv("AKENEO_WEBHOOK_SECRETS", SECRET)
    app = build_app(patient(SECRET), shop.store, SilentTrigger())
    with served(app, listener) as url:
        yield f"{url}/webhooks/events-api"


def examined(call: Call, *arguments: str, code: int) -> Told:
    result = call("doctor", "--json", *arguments)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    told = json.loads(result.stdout)
    assert told["ok"] is (code == 0)
    assert all(check["how"] and "\n" not in check["how"] for check in told["checks"])
    return {f"{check['part']}: {check['what']}": check for check in told["checks"]}


def states(told: Told) -> dict[str, str]:
    return {name: check["state"] for name, check in told.items()}


@pytest.mark.usefixtures("prefect")
def test_where_all_is_well_nothing_is_broken(shop: Shop, receiver: str, call: Call) -> None:
    shop.tell("SKU-1", event_id="e-1")

    told = states(examined(call, code=0))

    assert {name for name, state in told.items() if state == "broken"} == set()
    assert {name for name, state in told.items() if state == "ok"} >= {
        "settings: PIM",
        "database: reachable",
        "database: schema",
        "database: clock",
        "database: writable",
        "Prefect: server",
        "Prefect: deployments",
        "Prefect: work pool",
        "Prefect: worker",
        "receiver: answers",
        "receiver: webhook secret",
        "receiver: deliveries",
        "PIM: reachable",
        "PIM: clock",
        "PIM: version",
        "PIM: rights",
    }
    assert told["PIM: reference entities"] == told["PIM: asset families"] == "note"
    del receiver


def test_with_nothing_there_each_part_is_a_line_and_nothing_is_created(
    call: Call, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_PORT", "12")

    told = states(examined(call, code=1))

    assert told["settings: PIM"] == "warning"
    assert told["database: reachable"] == "broken"
    assert told["Prefect: server"] == "broken"
    assert told["receiver: answers"] == "broken"
    assert told["PIM: reachable"] == "note"
    assert list(root.iterdir()) == []


def test_settings_that_cannot_be_used_are_lines_too(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_PORT", "eighty")
    result = call("doctor")
    assert result.exit_code == 1
    assert "BROKEN" in result.stdout
    assert "SYNC_PORT is not usable" in result.stdout


def test_people_are_told_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_PORT", "12")
    screen = call("doctor").stdout
    assert "-> run `akeneo-sync migrate`" in screen
    assert "3 things broken" in screen


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE alembic_version SET version_num = '0001_inbox'", "database: schema"),
        ("UPDATE alembic_version SET version_num = '9999_later'", "database: schema"),
        ("DROP TABLE alembic_version", "database: reachable"),
    ],
)
def test_a_store_of_another_version_is_broken(
    shop: Shop, call: Call, statement: str, what: str
) -> None:
    shop.store.close()
    with sqlite3.connect(str(shop.store.engine.url.database)) as connection:
        connection.execute(statement)
    connection.close()
    assert states(examined(call, code=1))[what] == "broken"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_locked_store_is_readable_and_not_writable(shop: Shop, call: Call) -> None:
    shop.store.close()
    writer = sqlite3.connect(str(shop.store.engine.url.database), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        told = states(examined(call, code=1))
    finally:
        writer.close()
    assert (told["database: reachable"], told["database: writable"]) == ("ok", "broken")


@pytest.mark.usefixtures("shop")
def test_a_postgresql_that_is_away_is_told_without_its_password(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", "postgresql://user:the-password@127.0.0.1:9/shop")
    told = examined(call, code=1)
    assert told["database: reachable"]["state"] == "broken"
    assert "the-password" not in json.dumps(told)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("AKENEO_PASSWORD", "another", "PIM: login"),
        ("AKENEO_BASE_URL", "http://127.0.0.1:9", "PIM: reachable"),
    ],
)
@pytest.mark.usefixtures("pim")
def test_a_pim_that_is_away_or_refuses_the_login_is_broken(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, value: str, what: str
) -> None:
    monkeypatch.setenv(name, value)
    told = examined(call, code=1)
    assert told[what]["state"] == "broken"
    assert told[what]["advice"]
    assert "PIM: rights" not in told


def test_a_pim_that_breaks_off_is_told_after_what_it_did_answer(pim: Pim, call: Call) -> None:
    pim.answer("/api/rest/v1/families", status=500)
    told = states(examined(call, code=1))
    assert (told["PIM: reachable"], told["PIM: answers"]) == ("ok", "broken")


def test_a_missing_right_is_named(pim: Pim, call: Call) -> None:
    pim.answer("/api/rest/v1/categories", status=403)
    told = examined(call, code=1)
    assert told["PIM: categories"]["state"] == "warning"
    assert "List categories" in told["PIM: categories"]["advice"]


def test_the_public_address_is_tried_as_the_pim_would(receiver: str, call: Call) -> None:
    told = states(examined(call, "--url", receiver, code=1))
    assert (told["address: public"], told["address: body size"]) == ("ok", "ok")
    assert told["address: DNS"] == "warning"  # the loopback is no public address
    assert told["address: TLS"] == "warning"


@pytest.mark.parametrize("path", ["/livez", "/webhooks/other"])
def test_an_address_that_is_not_the_receivers_is_broken(
    receiver: str, call: Call, path: str
) -> None:
    url = receiver.replace("/webhooks/events-api", path)
    assert states(examined(call, "--url", url, code=1))["address: public"] == "broken"


@pytest.mark.parametrize("url", ["hooks.example.com", "ftp://hooks.example.com/x"])
def test_an_address_that_is_no_url_is_told(call: Call, url: str) -> None:
    assert states(examined(call, "--url", url, code=1))["address: public"] == "broken"


def test_a_receiver_that_knows_another_secret_is_told(
    receiver: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKENEO_WEBHOOK_SECRETS", "another-secret-another-secret")
    told = examined(call, "--url", receiver, code=1)
    assert "refuses what our secret signs" in told["address: public"]["how"]
