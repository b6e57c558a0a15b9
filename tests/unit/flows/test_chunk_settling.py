from datetime import timedelta

import pytest

from flows.drain.settle import retry_delay, settle_by_result, written_outcome
from pim.vocabulary import Outcome
from storage.products import WriteResult, Written
from tests.unit.flows.flow_builders import due_event


def test_the_newest_event_tells_and_the_rest_are_coalesced() -> None:
    old, new = due_event(), due_event()
    settlements = settle_by_result([new, old], WriteResult(Written.UPDATED))
    assert {s.row_id: s.outcome for s in settlements} == {
        old.row_id: Outcome.COALESCED,
        new.row_id: Outcome.APPLIED,
    }


def test_a_coalesced_event_names_the_one_it_was_settled_with() -> None:
    old, new = due_event(), due_event()
    reasons = {
        s.row_id: s.reason for s in settle_by_result([old, new], WriteResult(Written.UPDATED))
    }
    assert str(new.event_id) in str(reasons[old.row_id])


@pytest.mark.parametrize("written", [Written.CONTENDED, Written.REWOUND_SUSPECT])
def test_nothing_is_settled_by_a_write_that_must_be_read_again(written: Written) -> None:
    assert settle_by_result([due_event()], WriteResult(written)) == []


@pytest.mark.parametrize("written", list(Written))
def test_every_write_has_an_outcome_or_asks_for_another_read(written: Written) -> None:
    undecided = {Written.CONTENDED, Written.REWOUND_SUSPECT}
    assert (written_outcome(WriteResult(written)) is None) == (written in undecided)


@pytest.mark.parametrize("written", [Written.DELETED, Written.ABSENT])
def test_an_absence_settles_as_gone_with_a_reason(written: Written) -> None:
    (settlement,) = settle_by_result([due_event()], WriteResult(written))
    assert settlement.outcome is Outcome.GONE
    assert settlement.reason


def test_delays_grow_and_are_bounded() -> None:
    delays = [retry_delay(attempts) for attempts in range(1, 12)]
    assert delays == sorted(delays)
    assert delays[0] == timedelta(seconds=5)
    assert delays[-1] == timedelta(minutes=10)
