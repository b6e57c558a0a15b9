"""`changes` on a real store, and `export --position` as its beginning."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import Result

from storage.retention import remove_changes
from tests.integration.cli.shop_store import Call, Shop, uuid_of

KEYS = ["seq", "key", "identifier", "change", "cause", "run_id", "at", "changed"]


def position_of(result: Result) -> str:
    return str(json.loads(result.stdout.splitlines()[-1])["position"])


def lines_of(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_export_and_the_changes_after_it_leave_no_gap(shop: Shop, call: Call) -> None:
    shop.write("SKU-1")
    shop.write("SKU-2")
    export = call("export", "--position")
    assert len(export.stdout.splitlines()) == 3
    assert call("changes", "--after", position_of(export)).stdout == ""

    name = '{"name":[{"locale":null,"scope":null,"data":"Arc"}]}'
    shop.write("SKU-1", raw=name)
    shop.delete("SKU-2")
    changes = lines_of(call("changes", "--after", position_of(export)))

    assert all(list(line) == KEYS for line in changes)
    told = [(line["identifier"], line["change"], line["cause"]) for line in changes]
    assert told == [("SKU-1", "updated", "sweep"), ("SKU-2", "deleted", "sweep")]
    assert changes[0]["changed"] == [{"attribute": "name", "locale": None, "scope": None}]
    assert call("changes", "--after", str(changes[-1]["seq"])).stdout == ""


def test_documents_are_those_of_now_and_null_for_a_deletion(shop: Shop, call: Call) -> None:
    start = position_of(call("export", "--position"))
    weight = '{"weight":[{"locale":null,"scope":null,"data":1.50}]}'
    shop.write("SKU-1", raw=weight)
    shop.write("SKU-2")
    shop.delete("SKU-2")

    result = call("changes", "--after", start, "--documents")

    shown = {line["key"]: line["document"] for line in lines_of(result)}
    assert shown[uuid_of("SKU-2")] is None
    document = shown[uuid_of("SKU-1")]
    assert isinstance(document, dict)
    assert document["identifier"] == "SKU-1"
    assert '"data":1.50' in result.stdout


def test_a_limit_ends_it_and_the_rest_is_after_its_last_number(shop: Shop, call: Call) -> None:
    start = position_of(call("export", "--position"))
    for number in range(3):
        shop.write(f"SKU-{number}")

    first = lines_of(call("changes", "--after", start, "--limit", "2"))
    rest = lines_of(call("changes", "--after", str(first[-1]["seq"]), "--limit", "2"))

    assert [line["identifier"] for line in first] == ["SKU-0", "SKU-1"]
    assert [line["identifier"] for line in rest] == ["SKU-2"]


def test_with_follow_it_goes_on_until_the_limit(shop: Shop, call: Call) -> None:
    start = position_of(call("export", "--position"))
    shop.write("SKU-1")
    followed = lines_of(call("changes", "--after", start, "--follow", "--limit", "1"))
    assert [line["identifier"] for line in followed] == ["SKU-1"]


@pytest.mark.parametrize("documents", [(), ("--documents",)])
def test_who_was_away_too_long_is_told_to_begin_with_an_export(
    shop: Shop, call: Call, documents: tuple[str, ...]
) -> None:
    start = position_of(call("export", "--position"))
    shop.write("SKU-1")
    with shop.store.transaction() as tx:
        remove_changes(tx, older_than=datetime(9999, 1, 1, tzinfo=UTC))

    result = call("changes", "--after", start, *documents)

    assert (result.exit_code, result.stdout) == (3, "")
    (line,) = result.stderr.splitlines()
    assert f"the changes after {start} were removed" in line
    assert "begin with an export" in line
    again = position_of(call("export", "--position"))
    assert call("changes", "--after", again).exit_code == 0


def test_a_position_of_another_store_is_refused(shop: Shop, call: Call) -> None:
    shop.write("SKU-1")
    result = call("changes", "--after", "999999999999")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "there is no change 999999999999" in result.stderr
