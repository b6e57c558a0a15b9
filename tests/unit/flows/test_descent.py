import pytest

from flows.drain.descent import (
    Descent,
    ModelState,
    descent_outcome,
    describe_descent,
    settle_descent,
)
from flows.drain.models import NAMED_TROUBLES, FollowedModels, tell_troubles
from flows.write_path import UNDECIDED
from pim.errors import SourceServerError
from pim.ids import ProductKey
from pim.reads import FailedRead
from pim.vocabulary import Outcome, ResourceKind
from storage.inbox.due_events import DueEvent
from storage.products import WriteResult, Written
from tests.unit.flows.flow_builders import UUID_A, due_event


def descent(state: ModelState = ModelState.FOUND, *written: Written) -> Descent:
    made = Descent("tee", state)
    made.count([WriteResult(each) for each in written])
    return made


def model_event(code: str = "tee") -> DueEvent:
    return due_event(
        uuid=None,
        identifier=f"model:{code}",
        kind=ResourceKind.PRODUCT_MODEL,
        action="product_model.updated",
    )


def test_a_reason_counts_what_became_of_the_variants() -> None:
    updated = [Written.UPDATED] * 11
    reason = describe_descent(descent(ModelState.FOUND, *updated, Written.UNCHANGED))
    assert reason == "model read; 12 variants: 1 unchanged, 11 updated"


def test_a_reason_counts_what_waits_for_a_person() -> None:
    waiting = descent(ModelState.FOUND, Written.UNCHANGED)
    waiting.held.add(ProductKey(UUID_A))
    assert describe_descent(waiting) == "model read; 2 variants: 1 unchanged, 1 held"


def test_a_model_without_variants_says_so() -> None:
    assert describe_descent(descent()) == "model read; no variants"


@pytest.mark.parametrize(
    "written", [Written.CREATED, Written.UPDATED, Written.RESTORED, Written.DELETED]
)
def test_one_variant_that_changed_makes_the_event_applied(written: Written) -> None:
    assert descent_outcome(descent(ModelState.FOUND, Written.UNCHANGED, written)) is Outcome.APPLIED


@pytest.mark.parametrize("written", [Written.UNCHANGED, Written.OUTDATED, Written.ABSENT])
def test_variants_that_were_right_leave_the_event_unchanged(written: Written) -> None:
    assert descent_outcome(descent(ModelState.FOUND, written)) is Outcome.UNCHANGED


def test_a_model_that_changed_itself_makes_its_event_applied() -> None:
    changed = descent()
    changed.models_changed = 1
    assert descent_outcome(changed) is Outcome.APPLIED


def test_an_absent_model_is_gone_whatever_became_of_its_variants() -> None:
    assert descent_outcome(descent(ModelState.ABSENT, Written.DELETED)) is Outcome.GONE


def test_several_events_of_a_model_are_settled_by_one_descent() -> None:
    old, new = model_event(), model_event()
    settled = settle_descent([old, new], descent(ModelState.FOUND, Written.UPDATED))
    assert {s.row_id: s.outcome for s in settled} == {
        old.row_id: Outcome.COALESCED,
        new.row_id: Outcome.APPLIED,
    }


def test_what_failed_is_named_with_its_reason_and_many_are_counted() -> None:
    failing = descent()
    error = SourceServerError("the source failed", status=500)
    failing.blame([FailedRead(ProductKey(UUID_A), error)], [ProductKey("b")])
    assert tell_troubles(failing.troubles) == (f"variant {UUID_A}: {error}; variant b: {UNDECIDED}")
    failing.blame([], [ProductKey(f"c{number}") for number in range(5)])
    assert tell_troubles(failing.troubles).endswith(f"and {7 - NAMED_TROUBLES} more")


def test_a_chunks_models_are_followed_once_and_its_products_are_left() -> None:
    first, second, again = model_event("a"), model_event("b"), model_event("a")
    product, settled = due_event(), due_event()
    job = FollowedModels([first, second, again, product, settled])
    assert job.models == {"model:a": (first, again), "model:b": (second,)}
    job.done.add("model:a")
    job.settled.add(settled.row_id)
    assert job.models == {"model:b": (second,)}
    assert job.left == [product]
