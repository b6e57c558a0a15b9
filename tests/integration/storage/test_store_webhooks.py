"""Webhooks in the store: one sender at a time, positions that only a confirmation moves, alarms."""

from datetime import datetime, timedelta

import pytest

from storage import FeedLost, FenceLost, Store
from storage.products import read_bounds
from storage.retention import remove_changes
from storage.state import list_alarms
from storage.webhooks import (
    FAILS_ALARM,
    OFF_ALARM,
    Webhook,
    WebhookState,
    add_webhook,
    claim_webhook,
    confirm_batch,
    find_webhook,
    list_due_webhooks,
    list_webhooks,
    note_batch,
    pause_webhook,
    put_off_webhook,
    release_webhook,
    remove_webhook,
    replay_webhook,
    resume_webhook,
    rotate_secret,
    switch_off_webhook,
)
from tests.store_builders import LEASE, NOW, at, body_of, live, write

URL = "https://shop.example.test/hook"


def add(store: Store, name: str = "webshop", position: int = 0) -> str | None:
    return store.run(
        lambda tx: add_webhook(
            tx, name=name, url=URL, position=position, documents=True, most=100, now=NOW
        )
    )


def claim(store: Store, holder: str = "one", now: datetime = NOW) -> Webhook | None:
    return store.run(lambda tx: claim_webhook(tx, "webshop", holder=holder, lease=LEASE, now=now))


def claimed(store: Store, holder: str = "one", now: datetime = NOW) -> Webhook:
    found = claim(store, holder, now)
    assert found is not None
    return found


def stored(store: Store) -> Webhook:
    with store.read() as tx:
        found = find_webhook(tx, "webshop")
    assert found is not None
    return found


def due(store: Store, now: datetime = NOW) -> list[str]:
    with store.read() as tx:
        return list_due_webhooks(tx, now=now)


def alarms(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {alarm.name: alarm.text for alarm in list_alarms(tx)}


def confirm(store: Store, webhook: Webhook, last: int, holder: str = "one") -> None:
    store.run(lambda tx: confirm_batch(tx, webhook, holder=holder, last=last, now=at(1)))


def put_off(store: Store, webhook: Webhook, now: datetime, holder: str = "one") -> None:
    later = now + timedelta(minutes=5)
    store.run(
        lambda tx: put_off_webhook(
            tx, webhook, holder=holder, problem="it answered 500", not_before=later, now=now
        )
    )


def switch_off(store: Store, webhook: Webhook) -> None:
    store.run(
        lambda tx: switch_off_webhook(
            tx, webhook, holder="one", problem="it answered 410", asked=True, now=at(5)
        )
    )


@pytest.fixture
def end(store: Store) -> int:
    """A store of three changes, and its last number."""
    for product in range(3):
        write(store, live(body_of(product), 1, 2))
    with store.read() as tx:
        return read_bounds(tx)[1]


def test_a_name_has_one_webhook_and_a_secret_that_is_told_once(store: Store, end: int) -> None:
    secret = add(store)
    assert secret is not None
    assert secret.startswith("whsec_")
    assert (add(store), add(store, "other") in (None, secret)) == (None, False)
    assert stored(store).secrets_at(NOW) == (secret,)
    assert due(store) == ["other", "webshop"]
    add(store, "late", end)
    assert due(store) == ["other", "webshop"]
    assert store.run(lambda tx: remove_webhook(tx, "other", now=NOW))
    assert not store.run(lambda tx: remove_webhook(tx, "other", now=NOW))
    with store.read() as tx:
        assert [each.name for each in list_webhooks(tx)] == ["late", "webshop"]


@pytest.mark.parametrize("beyond", [1, 1000])
def test_a_position_that_the_feed_never_had_is_refused(store: Store, end: int, beyond: int) -> None:
    with pytest.raises(FeedLost, match="there is no change"):
        add(store, position=end + beyond)
    add(store)
    with pytest.raises(FeedLost):
        store.run(lambda tx: replay_webhook(tx, "webshop", position=end + beyond, now=NOW))
    assert stored(store).position == 0


def test_one_sender_at_a_time_has_it(store: Store, end: int) -> None:
    add(store)
    webhook = claimed(store)
    assert claim(store, "two") is None
    assert due(store) == []
    assert claimed(store) == webhook
    store.clock_offset = LEASE + timedelta(seconds=1)
    assert claim(store, "two") is not None
    with pytest.raises(FenceLost):
        confirm(store, webhook, end)
    assert stored(store).position == 0
    assert not store.run(lambda tx: release_webhook(tx, "webshop", holder="one"))
    assert store.run(lambda tx: release_webhook(tx, "webshop", holder="two"))
    assert due(store) == ["webshop"]


def test_a_request_renews_the_lease_and_is_remembered_until_it_is_confirmed(
    store: Store, end: int
) -> None:
    add(store)
    webhook = claimed(store)
    store.clock_offset = LEASE - timedelta(seconds=1)
    store.run(lambda tx: note_batch(tx, webhook, holder="one", batch_end=end, lease=LEASE))
    assert stored(store).batch_end == end
    store.clock_offset = LEASE + timedelta(seconds=1)
    assert claim(store, "two") is None
    confirm(store, webhook, end)
    assert (stored(store).position, stored(store).batch_end) == (end, None)
    assert stored(store).confirmed_at == at(1)


def test_nothing_is_confirmed_or_sent_after_a_person_moved_the_position(
    store: Store, end: int
) -> None:
    add(store)
    webhook = claimed(store)
    assert store.run(lambda tx: replay_webhook(tx, "webshop", position=0, now=NOW))
    with pytest.raises(FenceLost):
        confirm(store, webhook, end)
    again = claimed(store)
    assert (again.position, again.replays) == (0, 1)


def test_a_pause_lets_the_request_under_way_be_confirmed_and_no_other_begin(
    store: Store, end: int
) -> None:
    add(store)
    webhook = claimed(store)
    assert store.run(lambda tx: pause_webhook(tx, "webshop", now=NOW))
    with pytest.raises(FenceLost):
        store.run(lambda tx: note_batch(tx, webhook, holder="one", batch_end=end, lease=LEASE))
    confirm(store, webhook, 1)
    assert (stored(store).state, stored(store).position) == (WebhookState.PAUSED, 1)
    assert due(store) == []
    assert store.run(lambda tx: resume_webhook(tx, "webshop", now=at(9)))
    store.run(lambda tx: release_webhook(tx, "webshop", holder="one"))
    assert due(store) == ["webshop"]


def test_one_that_was_removed_and_added_again_is_another(store: Store, end: int) -> None:
    add(store)
    webhook = claimed(store)
    store.run(lambda tx: remove_webhook(tx, "webshop", now=NOW))
    store.run(
        lambda tx: add_webhook(
            tx, name="webshop", url=URL, position=0, documents=False, most=1, now=at(1)
        )
    )
    claimed(store, now=at(2))
    with pytest.raises(FenceLost):
        confirm(store, webhook, end)


@pytest.mark.usefixtures("end")
def test_one_that_fails_is_due_later_and_a_person_is_told_after_half_an_hour(store: Store) -> None:
    add(store)
    put_off(store, claimed(store), NOW)
    assert due(store, at(299)) == []
    assert claim(store, "two", at(299)) is None
    assert due(store, at(300)) == ["webshop"]
    assert alarms(store) == {}
    put_off(store, claimed(store, now=at(1800)), at(1800))
    told = alarms(store)
    assert "webshop (since 2026-11-23 12:00 UTC: it answered 500)" in told[FAILS_ALARM]
    assert (stored(store).failures, stored(store).failing_since) == (2, NOW)
    confirm(store, claimed(store, now=at(9000)), 1)
    assert alarms(store) == {}
    assert (stored(store).failures, stored(store).failing_since) == (0, None)


@pytest.mark.usefixtures("end")
def test_one_that_is_switched_off_is_an_alarm_until_a_person_decides(store: Store) -> None:
    add(store)
    switch_off(store, claimed(store))
    assert due(store, at(10**6)) == []
    assert "webshop (since 2026-11-23 12:00 UTC: it answered 410)" in alarms(store)[OFF_ALARM]
    store.run(lambda tx: resume_webhook(tx, "webshop", now=at(9)))
    assert alarms(store) == {}
    assert due(store) == ["webshop"]
    switch_off(store, claimed(store))
    store.run(lambda tx: remove_webhook(tx, "webshop", now=at(10)))
    assert alarms(store) == {}


def test_what_is_not_kept_any_more_is_never_skipped(store: Store, end: int) -> None:
    add(store)
    store.run(lambda tx: remove_changes(tx, older_than=at(1), limit=2))
    assert due(store) == ["webshop"]  # for its sender to say so
    with pytest.raises(FeedLost, match="were removed"):
        store.run(lambda tx: resume_webhook(tx, "webshop", now=NOW))
    store.run(lambda tx: replay_webhook(tx, "webshop", position=end, now=NOW))
    assert (stored(store).position, due(store)) == (end, [])


def test_a_former_secret_signs_beside_the_new_one(store: Store) -> None:
    old = add(store)
    new = store.run(lambda tx: rotate_secret(tx, "webshop", now=NOW, overlap=timedelta(days=1)))
    assert new not in (None, old)
    assert stored(store).secrets_at(at(60)) == (new, old)
    assert stored(store).secrets_at(NOW + timedelta(days=1)) == (new,)


def test_what_is_unknown_is_said(store: Store) -> None:
    overlap = timedelta(0)
    assert not store.run(lambda tx: pause_webhook(tx, "nobody", now=NOW))
    assert not store.run(lambda tx: resume_webhook(tx, "nobody", now=NOW))
    assert not store.run(lambda tx: replay_webhook(tx, "nobody", position=0, now=NOW))
    assert store.run(lambda tx: rotate_secret(tx, "nobody", now=NOW, overlap=overlap)) is None
    with store.read() as tx:
        assert find_webhook(tx, "nobody") is None
