"""Subscriptions as last seen: which alarm stands, and when a gap begins and ends."""

from datetime import UTC, datetime, timedelta

import pytest

from pim.event_platform import Notice
from pim.vocabulary import SubscriptionStatus
from storage import Store
from storage.state import (
    Gap,
    SeenSubscription,
    close_gap,
    forget_subscriptions,
    list_alarms,
    list_subscriptions,
    note_platform_notice,
    note_round,
    note_seen,
    note_subscription,
    note_unseen,
    read_gap,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://sync.example.test/webhooks/event-platform"
ACTIVE, SUSPENDED = SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED
REVOKED = SubscriptionStatus.REVOKED
HOUR = timedelta(hours=1)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def see(store: Store, minutes: float, **found: str) -> None:
    """The platform lists these subscriptions with these statuses."""
    listed = [SeenSubscription(name, status, URL) for name, status in found.items()]
    with store.transaction() as tx:
        note_seen(tx, found=listed, url=URL, at=at(minutes))


def hear(store: Store, minutes: float, status: str, reason: str | None = None) -> bool:
    """The platform tells of the subscription `one`."""
    with store.transaction() as tx:
        return note_subscription(
            tx, subscription_id="one", status=status, url=URL, reason=reason, at=at(minutes)
        )


def alarms_of(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {alarm.name: alarm.text for alarm in list_alarms(tx)}


def gap_of(store: Store) -> Gap | None:
    with store.read() as tx:
        return read_gap(tx)


def span_of(store: Store) -> tuple[datetime, datetime | None]:
    gap = gap_of(store)
    assert gap is not None
    return gap.began, gap.ended


def statuses_of(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {each.id: each.status for each in list_subscriptions(tx)}


def test_one_that_is_active_all_the_time_leaves_no_gap(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, one=ACTIVE)
    assert (alarms_of(store), gap_of(store)) == ({}, None)
    with store.read() as tx:
        (row,) = list_subscriptions(tx)
    assert (row.since, row.checked_at) == (NOON, at(3))


def test_a_gap_begins_an_hour_before_it_was_last_seen_active(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, one=SUSPENDED)
    see(store, 6, one=SUSPENDED)
    assert span_of(store) == (NOON - HOUR, None)
    assert "one is suspended since 2026-11-20 12:03" in alarms_of(store)["subscription-suspended"]
    see(store, 9, one=ACTIVE)
    assert span_of(store) == (NOON - HOUR, at(9))
    assert alarms_of(store) == {}


def test_a_notice_is_heard_at_once_and_its_reason_kept(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    assert hear(store, 1, SUSPENDED, "Success rate dropped below 90%")
    assert not hear(store, 1, SUSPENDED, "Success rate dropped below 90%")
    see(store, 3, one=SUSPENDED)
    assert alarms_of(store)["subscription-suspended"].endswith(": Success rate dropped below 90%")
    assert hear(store, 5, ACTIVE)
    assert span_of(store) == (NOON - HOUR, at(5))


def test_a_notice_of_one_that_was_never_seen_begins_its_gap(store: Store) -> None:
    assert hear(store, 1, SUSPENDED)
    assert span_of(store) == (at(1), None)


def test_a_late_notice_changes_nothing_that_is_known_better(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, one=SUSPENDED)
    see(store, 6, one=ACTIVE)
    assert not hear(store, 2, SUSPENDED)
    assert statuses_of(store) == {"one": ACTIVE}
    assert span_of(store) == (NOON - HOUR, at(6))


def test_a_late_notice_of_a_stop_that_nobody_saw_leaves_a_gap(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, one=ACTIVE)
    assert not hear(store, 1, SUSPENDED)
    assert statuses_of(store) == {"one": ACTIVE}
    assert span_of(store) == (at(1) - HOUR, at(3))
    assert alarms_of(store) == {}


def test_one_that_is_listed_no_more_is_gone(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3)
    assert "one is deleted" in alarms_of(store)["subscription-revoked"]
    see(store, 6, two=ACTIVE)
    assert statuses_of(store) == {"two": ACTIVE}
    assert span_of(store) == (NOON - HOUR, at(6))
    assert alarms_of(store) == {}


def test_one_that_took_the_place_of_another_between_two_looks_leaves_a_gap(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, two=ACTIVE)
    assert span_of(store) == (NOON - HOUR, at(3))
    assert (statuses_of(store), alarms_of(store)) == ({"two": ACTIVE}, {})


def test_a_revoked_one_stays_revoked_until_another_delivers(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    hear(store, 1, REVOKED)
    see(store, 3)
    assert "one is revoked" in alarms_of(store)["subscription-revoked"]
    see(store, 6, two=SUSPENDED)
    assert set(alarms_of(store)) == {"subscription-suspended", "subscription-revoked"}
    see(store, 9, two=ACTIVE)
    assert alarms_of(store) == {}


def test_of_two_both_must_deliver(store: Store) -> None:
    see(store, 0, one=ACTIVE, two=ACTIVE)
    see(store, 3, one=SUSPENDED, two=ACTIVE)
    see(store, 6, one=SUSPENDED, two=ACTIVE)
    assert span_of(store) == (NOON - HOUR, None)
    see(store, 9, one=ACTIVE, two=ACTIVE)
    assert span_of(store) == (NOON - HOUR, at(9))


def test_without_any_subscription_it_is_an_alarm_and_no_gap(store: Store) -> None:
    see(store, 0)
    assert alarms_of(store) == {"subscription-revoked": f"there is no subscription to {URL}"}
    see(store, 3, one=ACTIVE)
    assert (alarms_of(store), gap_of(store)) == ({}, None)


def test_what_was_told_of_another_url_is_forgotten(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    with store.transaction() as tx:
        note_subscription(
            tx,
            subscription_id="other",
            status=ACTIVE,
            url="https://other.test",
            reason=None,
            at=at(1),
        )
    see(store, 3, one=ACTIVE)
    assert (statuses_of(store), gap_of(store)) == ({"one": ACTIVE}, None)


def tell(store: Store, minutes: float, **told: object) -> None:
    """A notice of the platform comes."""
    known: dict[str, object] = {"kind": "x", "at": at(minutes), "subscription_id": "one"}
    known |= {"status": SubscriptionStatus.SUSPENDED, "destination": URL, "reason": None, **told}
    with store.transaction() as tx:
        note_platform_notice(tx, Notice(**known))  # type: ignore[arg-type] # a test's choice


def test_a_notice_of_the_platform_is_noted_if_it_is_of_ours(store: Store) -> None:
    tell(store, 0, destination="https://other.test/webhooks/events-api")
    tell(store, 0, status=None)
    assert statuses_of(store) == {}
    tell(store, 0, destination=None, reason="404")
    assert alarms_of(store)["subscription-suspended"].endswith(": 404")
    see(store, 3)
    assert "one is deleted" in alarms_of(store)["subscription-revoked"]
    tell(store, 6, status=SubscriptionStatus.ACTIVE)
    assert (statuses_of(store), alarms_of(store)) == ({"one": ACTIVE}, {})
    with store.read() as tx:
        (row,) = list_subscriptions(tx)
    assert row.url == URL


def test_three_misses_are_an_alarm_that_the_next_answer_ends(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    for number in (1, 2, 3):
        assert "subscription-unknown" not in alarms_of(store)
        with store.transaction() as tx:
            assert note_unseen(tx, words="no answer", at=at(number)) == number
    said = alarms_of(store)["subscription-unknown"]
    assert said.startswith("since 2026-11-20 12:01 UTC")
    assert said.endswith("no answer")
    see(store, 6, one=ACTIVE)
    assert alarms_of(store) == {}
    with store.transaction() as tx:
        assert note_unseen(tx, words="no answer", at=at(7)) == 1


@pytest.mark.parametrize("rounds", [0, 2])
def test_a_gap_before_the_last_was_caught_up_with_takes_it_over(store: Store, rounds: int) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, one=SUSPENDED)
    see(store, 6, one=ACTIVE)
    first = gap_of(store)
    assert first is not None
    with store.transaction() as tx:
        note_round(tx, gap_id=first.id, number=rounds, now=at(7))
    see(store, 9, one=SUSPENDED)
    second = gap_of(store)
    assert second is not None
    assert second.id > first.id
    assert (second.began, second.ended, second.rounds) == (NOON - HOUR, None, 0)


def test_a_closed_gap_is_kept_with_what_it_cost(store: Store) -> None:
    see(store, 0, one=ACTIVE)
    see(store, 3, one=SUSPENDED)
    see(store, 6, one=ACTIVE)
    gap = gap_of(store)
    assert gap is not None
    with store.transaction() as tx:
        close_gap(tx, gap_id=gap.id, cost={"missing": 2}, now=at(30))
    closed = gap_of(store)
    assert closed is not None
    assert (closed.closed_at, closed.cost) == (at(30), {"missing": 2})
    see(store, 33, one=SUSPENDED)
    reopened = gap_of(store)
    assert reopened is not None
    assert reopened.began == at(6) - HOUR


def test_where_it_is_not_used_any_more_no_alarm_stays(store: Store) -> None:
    see(store, 0, one=SUSPENDED)
    for number in (1, 2, 3):
        with store.transaction() as tx:
            note_unseen(tx, words="no answer", at=at(number))
    with store.transaction() as tx:
        forget_subscriptions(tx)
    assert (alarms_of(store), statuses_of(store)) == ({}, {})
