"""`why --live`: the PIM beside the store."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from pim.json_types import JsonObject, as_list, as_object
from tests.shop import SECRET, Shop, open_shop

Why = Callable[..., Result]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Nobody is told of anything: what differs stays so."""
    with open_shop(tmp_path_factory.mktemp("live"), products=8, models=1) as shop:
        shop.control("webhook", {"url": None})
        asyncio.run(shop.reconcile())
        yield shop


@pytest.fixture
def why(running: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Why:
    monkeypatch.setattr("settings.loading.project_root", lambda: tmp_path)
    monkeypatch.setattr("cli.guard.project_root", lambda: tmp_path)
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, ["why", "--live", *arguments])


def a_product(shop: Shop) -> str:
    """A simple one that store and PIM agree on."""
    simple = {uuid: each for uuid, each in shop.truth().items() if each["parent"] is None}
    return next(uuid for uuid, source in shop.sources().items() if simple.get(uuid) == source)


def live(result: Result) -> JsonObject:
    (view,) = as_list(as_object(json.loads(result.stdout)["live"])["products"])
    return as_object(view)


def test_what_agrees_is_equal(running: Shop, why: Why) -> None:
    result = why(a_product(running))
    assert result.exit_code == 0
    assert "the PIM now: equal: the PIM shows what is stored" in result.stdout


def test_what_differs_is_told_value_by_value_and_nothing_is_written(
    running: Shop, why: Why
) -> None:
    uuid = a_product(running)
    name = [{"locale": "en_US", "scope": None, "data": "Renamed"}]
    running.control(f"products/{uuid}", {"changes": {"values": {"name": name}}})
    before = running.sources()[uuid]
    result = why(uuid)
    assert 'name (en_US): stored "' in result.stdout
    assert ', in the PIM "Renamed"' in result.stdout
    assert "the next delta reconcile (every 10 min) repairs it" in result.stdout
    assert f"akeneo-sync reconcile --key {uuid}" in result.stdout
    assert running.sources()[uuid] == before
    view = live(why(uuid, "--json"))
    assert view["verdict"] == "different"
    assert view["live_updated"] != view["stored_updated"]


def test_what_is_gone_from_the_pim_is_told(running: Shop, why: Why) -> None:
    uuid = a_product(running)
    running.http.delete(f"{running.pim_url}/_simulator/products/{uuid}").raise_for_status()
    result = why(uuid)
    assert result.exit_code == 0
    assert "not in the PIM any more (404), and still in the store" in result.stdout
    assert "the next full reconcile (daily at 02:30 UTC) repairs it" in result.stdout


def test_what_the_store_never_heard_of_is_found_by_its_identifier(running: Shop, why: Why) -> None:
    running.control("products", {"changes": {"identifier": "Never-Told", "family": None}})
    result = why("never-told")
    assert result.exit_code == 0, result.stderr
    assert "the PIM has it, and the store does not" in result.stdout


def test_a_variant_tells_of_the_event_of_its_model_that_changed_it(running: Shop, why: Why) -> None:
    """No event names the variant, and its own `updated` stands still."""
    uuid, variant = next(each for each in running.truth().items() if each[1]["parent"])
    webhook = {"url": f"{running.receiver_url}/webhooks/events-api", "secret": SECRET}
    running.control("webhook", webhook)
    running.control(f"models/{variant['parent']}", {"changes": {"categories": ["other"]}})
    running.control("webhook", {"url": None})
    asyncio.run(running.drain())
    told = why(uuid)
    assert told.exit_code == 0
    assert f"about its model {variant['parent']}: applied" in told.stdout
    assert f"(cause: event of model {variant['parent']})" in told.stdout
    assert "the PIM now: equal" in told.stdout
    model = why(str(variant["parent"]))
    assert f"product model {variant['parent']}" in model.stdout
    assert "live variant" in model.stdout
    assert "ask for one of its variants" in model.stdout


def test_what_nobody_knows_is_said_to_be_nowhere(why: Why) -> None:
    result = why("SKU-404")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "nor in the PIM" in result.stderr


def test_a_pim_that_is_away_spoils_nothing_of_the_rest(running: Shop, why: Why) -> None:
    uuid = a_product(running)
    running.control("answers", {"path": "/api/", "status": 404, "html": True, "times": None})
    result = why(uuid)
    running.http.delete(f"{running.pim_url}/_simulator/answers").raise_for_status()
    assert result.exit_code == 1
    assert "created (cause: a full reconcile that found it missing)" in result.stdout
    assert "What happens next:" in result.stdout
    assert "the PIM does not answer: " in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_answer_that_cannot_be_read_is_told_as_such(running: Shop, why: Why) -> None:
    uuid = a_product(running)
    number = running.oddly(
        "products-uuid/*", {"does": "set", "at": "values", "to": "none"}, items=[uuid]
    )
    result = why(uuid)
    running.evenly(number)
    assert "its answer on this product cannot be read" in result.stdout
    assert "does not answer" not in result.stdout


def test_links_that_moved_are_told(running: Shop, why: Why) -> None:
    uuid = next(key for key, each in running.sources().items() if '"href"' in json.dumps(each))
    moved = {"does": "replace", "at": "values.**.href", "text": "http://", "by": "https://cdn."}
    number = running.oddly("products-uuid*", moved, items=[uuid])
    asyncio.run(running.reconcile(key=uuid))
    running.evenly(number)
    result = why(uuid)
    assert "to files, and nothing else" in result.stdout
    assert ", the link: stored https://cdn." in result.stdout
