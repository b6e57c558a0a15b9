"""Writers of documents and closers of marks, both uncommitted at once (PostgreSQL)."""

from contextlib import ExitStack, closing
from threading import Thread

import pytest

from storage import open_store
from storage.catalog import finish_mark
from storage.products import write_products
from tests.integration.storage.catalog_scene import (
    KEYS,
    RED,
    behind,
    finish,
    first_mark,
    put,
    render,
    user,
)
from tests.store_builders import CAUSE, NOW, write


@pytest.mark.parametrize("finisher_first", [True, False])
def test_writer_and_finisher_side_by_side_never_leave_a_user_behind(
    postgres_url: str, *, finisher_first: bool
) -> None:
    """A writer with an old document, and the closer of the mark, both uncommitted at once."""
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        write(store, user(0, 1, 0, RED))
        put(store, RED, "Red")
        mark = first_mark(store)
        assert mark is not None
        assert render(store, KEYS[0], mark.version, RED)
        writer = Thread(target=lambda: write(store, user(1, 1, 0, RED)))
        finisher = Thread(target=lambda: finish(store, mark))
        with store.transaction() as tx:
            if finisher_first:
                finish_mark(tx, mark)
                writer.start()
                writer.join(0.3)  # waits for the closer, so it sees the closed mark
                assert writer.is_alive()
            else:
                write_products(tx, [user(1, 1, 0, RED)], cause=CAUSE, now=NOW)
                finisher.start()
                finisher.join(0.3)  # waits for the writer, so it sees the user behind
                assert finisher.is_alive()
        (writer if finisher_first else finisher).join()
        assert first_mark(store) == mark
        assert behind(store, mark) == [KEYS[1]]
