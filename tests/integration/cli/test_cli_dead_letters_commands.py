"""`events`, `replay` and `discard` on a real store."""

import json
from datetime import UTC, datetime

from pim.vocabulary import Outcome
from storage.inbox.listed_events import list_events
from storage.inbox.settling import Settlement
from tests.integration.cli.shop_store import Call, Shop
from tests.store_builders import settle_as_drain


def bury(shop: Shop, *event_ids: str) -> None:
    """Make dead letters of received events, as a drain does that gives up."""
    with shop.store.transaction() as tx:
        rows = {event.event_id: event.row_id for event in list_events(tx)}
        letters = [Settlement(rows[e], Outcome.DEAD, "status 422") for e in event_ids]  # type: ignore[index]
        settle_as_drain(tx, letters, now=datetime.now(UTC))


def states(call: Call) -> dict[str, str]:
    return {
        event["event_id"]: event["state"] for event in json.loads(call("events", "--json").stdout)
    }


def test_events_are_listed_newest_first_and_by_outcome(shop: Shop, call: Call) -> None:
    for number in range(3):
        shop.tell("SKU-1", event_id=f"e-{number}")
    bury(shop, "e-1")

    everything = json.loads(call("events", "--json").stdout)
    dead = json.loads(call("events", "--outcome", "dead", "--json").stdout)
    due = json.loads(call("events", "--outcome", "due", "--limit", "1", "--json").stdout)

    assert [event["event_id"] for event in everything] == ["e-2", "e-1", "e-0"]
    assert [(event["event_id"], event["reason"]) for event in dead] == [("e-1", "status 422")]
    assert [event["event_id"] for event in due] == ["e-2"]


def test_the_list_for_people_shows_ids_whole(shop: Shop, call: Call) -> None:
    event_id = "0b4c9c2e-6a55-4f0e-9a43-0d8d8f1f7a11"
    shop.tell("SKU-1", event_id=event_id)

    assert event_id in call("events").stdout
    assert call("events", "--outcome", "applied").stdout == "no such event\n"


def test_replay_makes_dead_letters_due_again(shop: Shop, call: Call) -> None:
    shop.tell("SKU-1", event_id="e-1")
    shop.tell("SKU-2", event_id="e-2")
    bury(shop, "e-1", "e-2")

    result = call("replay", "e-1")

    assert (result.exit_code, result.stdout) == (0, "1 dead letter due again\n")
    assert states(call) == {"e-1": "due", "e-2": "dead"}
    assert call("replay", "--all").stdout == "1 dead letter due again\n"
    assert states(call) == {"e-1": "due", "e-2": "due"}


def test_an_id_that_is_no_dead_letter_is_not_passed_over(shop: Shop, call: Call) -> None:
    shop.tell("SKU-1", event_id="e-1")
    bury(shop, "e-1")

    result = call("replay", "e-1", "e-404")

    assert result.exit_code == 1
    assert "1 dead letter due again; 1 of 2 ids are no dead letters" in result.stderr


def test_discard_keeps_the_note_beside_the_reason(shop: Shop, call: Call) -> None:
    shop.tell("SKU-1", event_id="e-1")
    bury(shop, "e-1")

    result = call("discard", "--all", "--note", "test product")

    assert (result.exit_code, result.stdout) == (0, "1 dead letter discarded\n")
    (event,) = json.loads(call("events", "--outcome", "filtered", "--json").stdout)
    assert "test product" in event["reason"]
    assert "status 422" in event["reason"]
