import json
import random
from dataclasses import replace

from pim.json_types import JsonObject, as_list, as_object
from simulator.deliveries.envelope import Bulk, build_payload, split_bulks
from simulator.deliveries.faults import forge_payload
from simulator.edits.editor import Author, AuthorType, EventAction, PimEvent, make_event
from simulator.shop.product import Product
from tests.unit.simulator.small_pim import JULIA, SmallPim, a_small_pim


def a_product(pim: SmallPim) -> Product:
    return next(each for each in pim.products() if each.identifier and each.family)


def event(pim: SmallPim, product: Product, action: EventAction = EventAction.UPDATED) -> PimEvent:
    return make_event(action, product, pim.simulation.now_seconds(), JULIA)


def sent(pim: SmallPim, *events: PimEvent) -> list[JsonObject]:
    payload = build_payload(pim.simulation, events)
    if payload is None:
        return []
    found = [as_object(each) for each in json.loads(payload.body)["events"]]
    assert payload.events == len(found)
    return found


def resource(envelope: JsonObject) -> JsonObject:
    return as_object(as_object(envelope["data"])["resource"])


def test_an_event_has_the_keys_of_an_envelope_in_their_order() -> None:
    pim = a_small_pim(public_url="https://pim.example.test")
    product = a_product(pim)

    (envelope,) = sent(pim, event(pim, product))

    assert [*envelope] == [
        "action",
        "event_id",
        "event_datetime",
        "author",
        "author_type",
        "pim_source",
        "data",
    ]
    assert envelope["action"] == "product.updated"
    assert envelope["event_datetime"] == "2026-03-05T12:00:00+00:00"
    assert (envelope["author"], envelope["author_type"]) == ("julia", "ui")
    assert envelope["pim_source"] == "https://pim.example.test"
    assert [*as_object(envelope["data"])] == ["resource"]


def test_the_time_of_an_event_has_the_offset_of_the_pims_zone() -> None:
    pim = a_small_pim(timezone="Europe/Berlin")

    (envelope,) = sent(pim, event(pim, a_product(pim)))

    assert envelope["event_datetime"] == "2026-03-05T13:00:00+01:00"


def test_the_payload_tells_the_product_as_it_is_when_it_is_sent() -> None:
    pim = a_small_pim()
    product = a_product(pim)
    first = event(pim, product, EventAction.CREATED)
    pim.clock.go_on(30)
    later = pim.change(product, {"enabled": not product.enabled})

    (envelope,) = sent(pim, first)

    assert envelope["event_datetime"] == "2026-03-05T12:00:00+00:00"
    assert resource(envelope)["updated"] == "2026-03-05T12:00:30+00:00"
    assert resource(envelope)["enabled"] is later.enabled


def test_two_events_of_one_product_can_tell_the_same() -> None:
    pim = a_small_pim()
    product = a_product(pim)

    first, second = sent(pim, event(pim, product), event(pim, product))

    assert first["event_id"] != second["event_id"]
    assert resource(first) == resource(second)


def test_an_event_whose_product_is_gone_is_left_out() -> None:
    pim = a_small_pim()
    gone, there = pim.products()[:2]
    events = (event(pim, gone), event(pim, there))
    pim.editor.remove(gone, JULIA)

    assert [resource(each)["uuid"] for each in sent(pim, *events)] == [there.uuid]
    assert sent(pim, events[0]) == []


def test_a_removal_needs_no_product_and_carries_names_only() -> None:
    pim = a_small_pim()
    product = a_product(pim)
    removal = pim.editor.remove(product, JULIA)
    assert removal is not None

    (envelope,) = sent(pim, removal)

    assert envelope["action"] == "product.removed"
    assert resource(envelope) == {"identifier": product.identifier, "uuid": product.uuid}


def test_a_removed_product_without_identifier_is_told_with_null() -> None:
    pim = a_small_pim()
    product = pim.change(a_product(pim), {"identifier": None})
    removal = pim.editor.remove(product, JULIA)
    assert removal is not None

    assert resource(sent(pim, removal)[0])["identifier"] is None


def test_without_the_uuid_toggle_both_names_stand_at_the_top() -> None:
    pim = a_small_pim(webhook_use_uuid=False)
    product = a_product(pim)

    told = resource(sent(pim, event(pim, product))[0])

    assert [*told] == [
        "uuid",
        "identifier",
        "enabled",
        "family",
        "categories",
        "groups",
        "parent",
        "values",
        "created",
        "updated",
        "associations",
        "quantified_associations",
    ]
    assert "sku" not in as_object(told["values"])


def test_with_the_uuid_toggle_the_identifier_is_a_value() -> None:
    pim = a_small_pim(webhook_use_uuid=True)
    product = a_product(pim)

    told = resource(sent(pim, event(pim, product))[0])

    assert "identifier" not in told
    (sku,) = as_list(as_object(told["values"])["sku"])
    assert as_object(sku)["data"] == product.identifier


def test_before_version_7_an_event_names_the_identifier_alone() -> None:
    pim = a_small_pim(identifier_only=True)
    product = a_product(pim)

    told = resource(sent(pim, event(pim, product))[0])
    removal = pim.editor.remove(product, JULIA)
    assert removal is not None

    assert "uuid" not in told
    assert told["identifier"] == product.identifier
    assert resource(sent(pim, removal)[0]) == {"identifier": product.identifier}


def test_a_payload_holds_no_labels_scores_or_completenesses() -> None:
    pim = a_small_pim()

    text = json.dumps(sent(pim, *(event(pim, each) for each in pim.products()[:10])))

    for word in ("linked_data", "completenesses", "quality_scores"):
        assert word not in text


def test_bytes_are_written_as_php_writes_them() -> None:
    pim = a_small_pim()
    name: JsonObject = {"data": "Größe 1/2", "locale": "de_DE", "scope": None}
    product = pim.change(a_product(pim), {"values": {"name": [name]}})

    payload = build_payload(pim.simulation, (event(pim, product),))

    assert payload is not None
    assert rb"Gr\u00f6\u00dfe 1\/2" in payload.body
    assert payload.body.isascii()


def test_an_empty_map_is_a_list() -> None:
    pim = a_small_pim(identifier_only=True)
    product = replace(a_product(pim), values={}, quantified={})
    pim.simulation.database.save(product)

    told = resource(sent(pim, event(pim, product))[0])

    assert (told["values"], told["quantified_associations"]) == ([], [])


def test_an_event_that_waited_for_more_than_two_hours_is_discarded() -> None:
    pim = a_small_pim()
    old = event(pim, a_product(pim))

    pim.clock.go_on(7200)
    assert len(sent(pim, old)) == 1
    pim.clock.go_on(1)
    assert sent(pim, old) == []


def test_the_connection_is_not_told_of_its_own_saves() -> None:
    pim = a_small_pim()
    mine = Author(pim.simulation.config.username, AuthorType.API)
    product = a_product(pim)
    own = make_event(EventAction.UPDATED, product, pim.simulation.now_seconds(), mine)

    assert sent(pim, own) == []


def actions(bulks: list[Bulk]) -> list[list[str]]:
    return [[each.action.value.removeprefix("product.") for each in bulk] for bulk in bulks]


def test_a_bulk_holds_removals_or_the_others_and_never_both() -> None:
    pim = a_small_pim()
    product = a_product(pim)
    kinds = [
        EventAction.CREATED,
        EventAction.UPDATED,
        EventAction.REMOVED,
        EventAction.REMOVED,
        EventAction.UPDATED,
    ]

    bulks = list(split_bulks([event(pim, product, kind) for kind in kinds]))

    assert actions(bulks) == [["created", "updated"], ["removed", "removed"], ["updated"]]


def test_a_bulk_holds_ten_events_at_most() -> None:
    pim = a_small_pim()
    events = [event(pim, a_product(pim)) for _ in range(23)]

    assert [len(bulk) for bulk in split_bulks(events)] == [10, 10, 3]
    assert list(split_bulks([])) == []


def test_a_forged_delivery_would_remove_or_spoil_living_products() -> None:
    pim = a_small_pim()
    seen: set[object] = set()
    for seed in range(20):
        payload = forge_payload(pim.simulation, random.Random(seed))
        assert payload is not None
        for envelope in json.loads(payload.body)["events"]:
            seen.add(envelope["action"])
            assert pim.simulation.database.get(envelope["data"]["resource"]["uuid"]) is not None

    assert seen == {"product.removed", "product.updated"}
