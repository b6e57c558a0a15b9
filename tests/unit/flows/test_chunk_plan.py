from datetime import timedelta

from flows.drain.enrich import ChunkPlan, plan_chunk
from pim.decision import StoredMark
from pim.ids import ProductKey
from pim.vocabulary import Identity, Outcome, ResourceKind
from storage.inbox.due_events import DueEvent
from tests.unit.flows.flow_builders import NOON, UUID_A, UUID_B, due_event, live_mark

KEY_A = ProductKey(UUID_A)


def plan(
    *events: DueEvent,
    marks: dict[ProductKey, StoredMark] | None = None,
    known: dict[str, ProductKey] | None = None,
    identity: Identity = Identity.UUID,
) -> ChunkPlan:
    return plan_chunk(
        events,
        identity=identity,
        known=known or {},
        marks=marks or {},
        clock_doubt=timedelta(seconds=60),
    )


def test_an_unknown_product_is_read() -> None:
    event = due_event()
    assert plan(event).wanted == {KEY_A: (event,)}


def test_events_of_one_product_share_one_read() -> None:
    first, second = due_event(), due_event()
    other = due_event(uuid=UUID_B)
    assert plan(first, other, second).wanted == {
        KEY_A: (first, second),
        ProductKey(UUID_B): (other,),
    }


def test_an_event_received_before_the_stored_read_began_is_covered() -> None:
    event = due_event(number=5)
    result = plan(event, marks={KEY_A: live_mark(read_from=6, read_to=7)})
    assert [s.outcome for s in result.settlements] == [Outcome.COVERED]
    assert not result.wanted


def test_an_event_received_while_the_stored_read_was_under_way_is_read() -> None:
    event = due_event(number=7)
    assert KEY_A in plan(event, marks={KEY_A: live_mark(read_from=6, read_to=9)}).wanted


def test_an_event_much_older_than_the_stored_state_is_outdated() -> None:
    event = due_event(number=9, updated=NOON - timedelta(seconds=61))
    result = plan(event, marks={KEY_A: live_mark()})
    assert [s.outcome for s in result.settlements] == [Outcome.OUTDATED]


def test_within_the_doubt_of_clocks_an_older_event_is_read() -> None:
    event = due_event(number=9, updated=NOON - timedelta(seconds=60))
    assert KEY_A in plan(event, marks={KEY_A: live_mark()}).wanted


def test_a_removal_is_read_however_new_the_stored_state_is() -> None:
    event = due_event(action="product.removed", number=9)
    assert KEY_A in plan(event, marks={KEY_A: live_mark()}).wanted


def test_an_unknown_action_is_filtered_by_name() -> None:
    event = due_event(uuid=None, kind=ResourceKind.OTHER, action="asset.updated")
    (settlement,) = plan(event).settlements
    assert settlement.outcome is Outcome.FILTERED
    assert "asset.updated" in (settlement.reason or "")


def test_an_identifier_the_store_knows_is_read_under_its_uuid() -> None:
    by_name, by_uuid = due_event(uuid=None, identifier="SKU-1"), due_event()
    result = plan(by_name, by_uuid, known={"SKU-1": KEY_A})
    assert result.wanted == {KEY_A: (by_name, by_uuid)}


def test_an_identifier_nobody_stored_is_left_to_the_source() -> None:
    event = due_event(uuid=None, identifier="SKU-1")
    assert plan(event).unresolved == (event,)


def test_where_products_are_keyed_by_identifier_case_makes_no_difference() -> None:
    upper, lower = (
        due_event(uuid=None, identifier="SKU-É1"),
        due_event(uuid=None, identifier="sku-é1"),
    )
    result = plan(upper, lower, identity=Identity.IDENTIFIER)
    assert result.wanted == {ProductKey("sku-é1"): (upper, lower)}
    assert result.identifiers[ProductKey("sku-é1")] in {"SKU-É1", "sku-é1"}
