"""Who writes to SQLite is seen by others, in this process and in others, until it is over."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage import open_store
from storage.database.turns import ENDING, Turns

_OTHER = """
import sys
from pathlib import Path
from storage.database.turns import Turns
with Turns(Path(sys.argv[1])).wanted():
    print("wanted", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "store.db"
    file.touch(mode=0o600)
    return file


def test_a_turn_is_wanted_until_the_last_who_wants_one_has_had_it(database: Path) -> None:
    with closing(Turns(database)) as ours, closing(Turns(database)) as theirs:
        assert not ours.is_wanted()
        with theirs.wanted():
            with theirs.wanted(), ours.wanted():
                assert (ours.is_wanted(), theirs.is_wanted()) == (True, True)
            assert (ours.is_wanted(), theirs.is_wanted()) == (True, True)
        assert (ours.is_wanted(), theirs.is_wanted()) == (False, False)


def test_our_own_want_of_a_turn_is_not_taken_for_that_of_others(database: Path) -> None:
    with closing(Turns(database)) as ours, closing(Turns(database)) as theirs:
        assert not ours.is_wanted_elsewhere()
        with theirs.wanted():
            assert (ours.is_wanted_elsewhere(), theirs.is_wanted_elsewhere()) == (True, False)
        with ours.wanted():
            assert (ours.is_wanted_elsewhere(), theirs.is_wanted_elsewhere()) == (False, True)


def test_a_turn_is_no_longer_wanted_once_its_process_was_killed(database: Path) -> None:
    command = [sys.executable, "-c", _OTHER, str(database)]
    with (
        closing(Turns(database)) as ours,
        subprocess.Popen(  # noqa: S603 - our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == b"wanted\n"
        assert ours.is_wanted()
        other.kill()
        other.wait()
        assert not ours.is_wanted()


def test_another_file_of_that_name_is_noticed(database: Path) -> None:
    with closing(Turns(database)) as ours, closing(Turns(database)) as theirs:
        assert not ours.is_wanted()
        database.with_name(database.name + ENDING).unlink()
        with theirs.wanted():
            assert ours.is_wanted()


def test_the_file_is_for_those_who_may_have_the_database(database: Path) -> None:
    with closing(Turns(database)) as turns:
        assert not turns.is_wanted()
    beside = database.with_name(database.name + ENDING)
    assert beside.stat().st_mode == database.stat().st_mode


def test_where_nothing_can_be_said_a_turn_counts_as_wanted(tmp_path: Path) -> None:
    with closing(Turns(tmp_path / "not there" / "store.db")) as turns:
        with turns.wanted():
            pass
        assert turns.is_wanted()
        assert turns.is_wanted_elsewhere()


def test_a_transaction_wants_its_turn_from_its_wait_to_its_end(sqlite_url: str) -> None:
    with closing(open_store(sqlite_url)) as writer, closing(open_store(sqlite_url)) as other:
        assert not other.is_turn_wanted()
        with writer.transaction():
            assert other.is_turn_wanted()
        assert not other.is_turn_wanted()
        with writer.read():
            assert not other.is_turn_wanted()


def test_nobody_waits_for_a_turn_where_writers_work_side_by_side(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store, store.transaction():
        assert not store.is_turn_wanted()
