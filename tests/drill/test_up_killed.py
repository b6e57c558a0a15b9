"""`akeneo-sync up` killed once, without a word: its children end, and the next one works."""

from pathlib import Path

from tests.up_process import Clone, is_running, running, until


def test_killed_up_takes_its_children_along_and_the_next_one_works(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    with running(clone) as first:
        first.wait_for("everything is up")
        children = first.children()
        assert len(children) == 5  # server, worker, receiver, read API, simulator
        first.process.kill()
        until(lambda: not any(map(is_running, children)), "the children to end", seconds=10)
    with running(clone) as second:
        second.wait_for("everything is up")
        assert second.stop() == 0
