"""The change feed loses nothing, whatever runs beside its reader."""

from contextlib import ExitStack, closing
from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import text

from pim.document import Document
from pim.json_types import JsonObject
from storage import FeedLost, Store, Transaction, open_store
from storage.products import (
    Change,
    Changed,
    read_bounds,
    read_changes,
    read_renderings,
    write_products,
    write_rendering,
)
from storage.products.rendering import StoredRendering
from storage.retention import remove_changes
from tests.store_builders import CAUSE, FAMILY, NOW, absent, at, body_of, live, uuid_of, write


def _read(store: Store, after: int = 0, limit: int = 1000) -> list[Change]:
    with store.read() as tx:
        return read_changes(tx, after=after, limit=limit)


def _read_to_the_end(store: Store, after: int, limit: int) -> list[Change]:
    changes: list[Change] = []
    while page := _read(store, after, limit):
        changes += page
        after = page[-1].seq
    return changes


def test_a_reader_goes_on_where_it_stopped(store: Store) -> None:
    for product in range(5):
        write(store, live(body_of(product), 1, 2))
    first = _read_to_the_end(store, 0, 2)
    assert [change.key for change in first] == [uuid_of(n) for n in range(5)]
    write(store, absent(3, 3, 4), live(body_of(7), 3, 4))
    later = _read_to_the_end(store, first[-1].seq, 1)
    assert [(change.key, change.op) for change in later] == [
        (uuid_of(3), "deleted"),
        (uuid_of(7), "created"),
    ]
    assert _read(store, later[-1].seq) == []


def test_a_change_that_commits_late_is_not_passed_over(postgres_url: str) -> None:
    """Two transactions at once: the one that wrote first commits last, and has the later number."""
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        slow = stack.enter_context(closing(open_store(postgres_url)))
        # Known ones: new products come one transaction after the other.
        write(store, live(body_of(1), 1, 2), live(body_of(2), 1, 2))
        known = _read(store)[-1].seq
        with slow.transaction() as tx:
            write_products(tx, [live(body_of(1, name="new"), 3, 4)], cause=CAUSE, now=NOW)
            write(store, live(body_of(2, name="new"), 3, 4))
            early = _read(store, known)
        late = _read(store, early[-1].seq)
    assert [change.key for change in early] == [uuid_of(2)]
    assert [change.key for change in late] == [uuid_of(1)]


def test_who_draws_a_number_waits_for_the_commit_of_lower_ones(postgres_url: str) -> None:
    """Between its number and its commit, no other transaction can draw one."""
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        watch = stack.enter_context(closing(open_store(postgres_url)))
        slow = stack.enter_context(closing(open_store(postgres_url)))
        other = Thread(target=write, args=(store, live(body_of(2), 1, 2)))
        with slow.engine.connect() as held, held.begin():
            # As a transaction that has its numbers and is not committed yet.
            name = {"name": "akeneo-sync append product_change"}
            held.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), name)
            held.execute(
                text(
                    "INSERT INTO product_change (product_key, op, changed, cause, announced, at)"
                    " VALUES ('first', 'created', '[]', 'test', false, now())"
                )
            )
            other.start()
            _wait_for_a_waiter(watch, other)
            assert _read(watch) == []
        other.join()
    with closing(open_store(postgres_url)) as store:
        assert [change.key for change in _read(store)] == ["first", uuid_of(2)]


def _wait_for_a_waiter(store: Store, writer: Thread) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while writer.is_alive():
        with store.read() as tx:
            if tx.execute(waiting).scalar_one():
                return
    raise AssertionError("it has not waited")


def test_changes_of_one_product_come_in_the_order_they_happened(postgres_url: str) -> None:
    """The transaction that began first may change a product last."""
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        slow = stack.enter_context(closing(open_store(postgres_url)))
        write(store, live(body_of(1), 1, 2), live(body_of(2), 1, 2))
        with slow.transaction() as tx:
            write_products(tx, [live(body_of(1, name="new"), 3, 4)], cause=CAUSE, now=NOW)
            write(store, live(body_of(2, name="new"), 3, 4))
            write_products(tx, [absent(2, 5, 6)], cause=CAUSE, now=NOW)
        changes = _read(store)
    assert [c.op for c in changes if c.key == uuid_of(2)] == ["created", "updated", "deleted"]


def test_a_reader_beside_writers_sees_every_change_once(store: Store) -> None:
    seen: list[Change] = []

    def work(first: int) -> None:
        for product in range(first, first + 20):
            write(store, live(body_of(product), 1, 2))

    writers = [Thread(target=work, args=(start,)) for start in (0, 20, 40)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen += _read(store, seen[-1].seq if seen else 0, 7)
    for writer in writers:
        writer.join()
    seen += _read_to_the_end(store, seen[-1].seq if seen else 0, 7)
    assert sorted(change.key for change in seen) == [uuid_of(n) for n in range(60)]
    assert [change.seq for change in seen] == sorted(change.seq for change in seen)


def test_what_was_undone_is_no_change(store: Store) -> None:
    def work(tx: Transaction) -> None:
        write_products(tx, [live(body_of(1), 1, 2)], cause=CAUSE, now=NOW)
        raise KeyError

    with pytest.raises(KeyError):
        store.run(work)
    assert _read(store) == []


def test_who_was_away_longer_than_changes_are_kept_is_told_so(store: Store) -> None:
    write(store, live(body_of(1), 1, 2), live(body_of(2), 1, 2), now=at(-100))
    write(store, live(body_of(3), 1, 2))
    first, second, third = _read(store)
    with store.transaction() as tx:
        remove_changes(tx, older_than=NOW)
    with pytest.raises(FeedLost, match=f"the changes after {first.seq} were removed"):
        _read(store, first.seq)
    assert _read(store, second.seq) == [third]
    with store.transaction() as tx:
        remove_changes(tx, older_than=at(1))
    assert _read(store, third.seq) == []
    with store.read() as tx:
        assert read_bounds(tx) == (third.seq, third.seq)


def test_a_position_that_never_was_is_refused(store: Store) -> None:
    write(store, live(body_of(1), 1, 2))
    (change,) = _read(store)
    with pytest.raises(FeedLost, match=f"there is no change {change.seq + 1}"):
        _read(store, change.seq + 1)


def _stored(store: Store) -> StoredRendering:
    with store.read() as tx:
        (stored,) = read_renderings(tx, [live(body_of(1), 1, 2).read.key])
    return stored


def _render(store: Store, body: Document, version: int) -> bool:
    stored = _stored(store)
    return store.run(
        lambda tx: write_rendering(
            tx, stored, document=body, catalog_version=version, cause=CAUSE, now=NOW
        )
    )


def test_a_rendering_is_a_change_if_it_shows_something_new(store: Store) -> None:
    write(store, live(body_of(1), 1, 2))
    (created,) = _read(store)
    shown = {"key": uuid_of(1), "updated": body_of(1)["updated"]}
    assert _render(store, Document(shown, frozenset({FAMILY})), 1)
    assert _read(store, created.seq) == []
    assert _render(store, Document(shown | {"family": {"code": "lamps"}}, frozenset({FAMILY})), 2)
    (rendered,) = _read(store, created.seq)
    assert (rendered.op, rendered.cause, rendered.key) == ("rendered", CAUSE.name, uuid_of(1))
    assert rendered.changed == (Changed("family", field=True),)


def test_the_same_content_in_another_document_is_a_change(store: Store) -> None:
    """Rendered with a later catalog by the write itself: no mark renders it again."""
    write(store, live(body_of(1), 1, 2))
    (created,) = _read(store)
    write(store, live(body_of(1, updated=at(5)), 3, 4))
    assert _read(store, created.seq) == []  # the date alone is none
    again = live(body_of(1, updated=at(5)), 5, 6, catalog_version=1)
    shown: JsonObject = {"key": uuid_of(1), "attributes": {"name": {"labels": {"en_US": "Name"}}}}
    write(store, replace(again, document=Document(shown, frozenset({FAMILY}))))
    (rendered,) = _read(store, created.seq)
    assert (rendered.op, rendered.changed) == ("rendered", (Changed("name"),))
