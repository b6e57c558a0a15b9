"""The change feed loses nothing, whatever runs beside its reader."""

from contextlib import ExitStack, closing
from threading import Thread

from storage import Store, open_store
from storage.products import write_products
from storage.products.changes import Change, FeedPosition, read_changes
from tests.store_builders import CAUSE, NOW, absent, body_of, live, uuid_of, write


def _read(store: Store, after: FeedPosition, limit: int = 1000) -> list[Change]:
    with store.read() as tx:
        return read_changes(tx, after=after, limit=limit)


def _read_to_the_end(store: Store, after: FeedPosition, limit: int) -> list[Change]:
    changes: list[Change] = []
    while page := _read(store, after, limit):
        changes += page
        after = page[-1].position
    return changes


def test_a_reader_goes_on_where_it_stopped(store: Store) -> None:
    for product in range(5):
        write(store, live(body_of(product), 1, 2))
    first = _read_to_the_end(store, FeedPosition(), 2)
    assert [change.key for change in first] == [uuid_of(n) for n in range(5)]
    write(store, absent(3, 3, 4), live(body_of(7), 3, 4))
    later = _read_to_the_end(store, first[-1].position, 1)
    assert [(change.key, change.op) for change in later] == [
        (uuid_of(3), "deleted"),
        (uuid_of(7), "created"),
    ]
    assert _read(store, later[-1].position) == []


def test_a_change_that_commits_late_is_not_passed_over(postgres_url: str) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        slow = stack.enter_context(closing(open_store(postgres_url)))
        with slow.transaction() as tx:
            write_products(tx, [live(body_of(1), 1, 2)], cause=CAUSE, now=NOW)
            write(store, live(body_of(2), 1, 2))  # a higher number, committed before
            early = _read(store, FeedPosition())
        after = early[-1].position if early else FeedPosition()
        late = _read(store, after)
    assert {change.key for change in (*early, *late)} == {uuid_of(1), uuid_of(2)}


def test_changes_of_one_product_come_in_the_order_they_happened(postgres_url: str) -> None:
    """The transaction that began first may change a product last."""
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        slow = stack.enter_context(closing(open_store(postgres_url)))
        with slow.transaction() as tx:
            write_products(tx, [live(body_of(1), 1, 2)], cause=CAUSE, now=NOW)  # takes its id
            write(store, live(body_of(2), 1, 2))
            write_products(tx, [absent(2, 3, 4)], cause=CAUSE, now=NOW)
            assert _read(store, FeedPosition()) == []
        changes = _read(store, FeedPosition())
    assert [c.op for c in changes if c.key == uuid_of(2)] == ["created", "deleted"]


def test_a_reader_beside_writers_sees_every_change_once(store: Store) -> None:
    seen: list[Change] = []

    def work(first: int) -> None:
        for product in range(first, first + 20):
            write(store, live(body_of(product), 1, 2))

    writers = [Thread(target=work, args=(start,)) for start in (0, 20, 40)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen += _read(store, seen[-1].position if seen else FeedPosition(), 7)
    for writer in writers:
        writer.join()
    seen += _read_to_the_end(store, seen[-1].position if seen else FeedPosition(), 7)
    assert sorted(change.key for change in seen) == [uuid_of(n) for n in range(60)]
