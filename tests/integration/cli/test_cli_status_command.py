"""`status` on a real store."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pim.breaker import SourceFailure
from storage.inbox.refusals import count_refusal
from storage.state.alarms import raise_alarm
from storage.state.source import trip_breaker
from tests.integration.cli.shop_store import Call, Shop

pytestmark = pytest.mark.usefixtures("shop")


def test_a_fresh_store_is_shown_with_all_fixed_keys(call: Call) -> None:
    result = call("status", "--json")

    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert shown["inbox"]["due"] == 0
    assert (shown["inbox"]["dead"], shown["inbox"]["held"]) == (0, 0)
    assert shown["inbox"]["oldest_due_seconds"] is None
    assert (shown["products"]["live"], shown["products"]["tombstones"]) == (0, 0)
    assert shown["drain"]["open"] is False
    assert shown["sweeps"] == []
    assert shown["alarms"] == []
    assert shown["store"] == {"writable": True, "problem": None}
    assert shown["first_sweep"] == {"state": "none", "since": None, "products": 0}
    screen = " ".join(call("status").stdout.split())
    assert "nothing needs a person" not in screen
    assert "the store is not filled yet: its first full sweep has not begun" in screen


def test_what_was_received_written_and_deleted_is_counted(shop: Shop, call: Call) -> None:
    shop.tell("SKU-1", event_id="e-1")
    shop.tell("SKU-2", event_id="e-2")
    shop.deliver({"action": "product.updated", "event_id": "e-3"})
    shop.write("SKU-1")
    shop.write("SKU-2")
    shop.delete("SKU-2")

    shown = json.loads(call("status", "--json").stdout)

    assert (shown["inbox"]["due"], shown["inbox"]["dead"]) == (2, 1)
    assert shown["inbox"]["oldest_due_seconds"] >= 0
    assert (shown["products"]["live"], shown["products"]["tombstones"]) == (1, 1)
    assert [alarm["name"] for alarm in shown["alarms"]] == ["dead-letters"]


def test_alarms_refusals_and_a_failing_pim_are_on_the_screen(shop: Shop, call: Call) -> None:
    now = datetime.now(UTC)
    with shop.store.transaction() as tx:
        raise_alarm(tx, name="no-worker", text="no worker takes the run", now=now)
        count_refusal(tx, reason="signature_unknown", at=now - timedelta(minutes=2), count=312)
        trip_breaker(tx, SourceFailure("cannot connect"))

    screen = call("status").stdout

    assert "no worker takes the run" in screen
    assert "akeneo-sync worker" in screen
    assert "312 deliveries refused, signature unknown" in screen
    assert "cannot connect; next try in" in screen


def test_without_a_store_one_line_says_what_to_do_and_none_is_created(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", f"sqlite:///{tmp_path}/other/none.db")

    result = call("status")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "akeneo-sync migrate" in result.stderr
    assert not (tmp_path / "other").exists()


def test_settings_that_cannot_be_used_are_said_before_anything_is_opened(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_PORT", "eighty")

    result = call("status")

    assert result.exit_code == 1
    assert result.stderr.startswith("akeneo-sync: SYNC_PORT is not usable: it must be")


def test_a_misspelt_setting_is_remarked_and_the_command_goes_on(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKENEO_TIMEZON", "UTC")

    result = call("status", "--json")

    assert result.exit_code == 0
    assert "did you mean AKENEO_TIMEZONE?" in result.stderr
    json.loads(result.stdout)
