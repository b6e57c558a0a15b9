from collections import Counter
from datetime import timedelta

from flows.drain import DrainReport
from flows.drain.report import ChunkOutcome, DeadLetter, describe_drain, summarize_drain
from flows.run.markdown import format_span
from flows.sweeps.report import FoundDrift, ReconcileReport, describe_reconcile
from pim.ids import ProductKey, RunId
from pim.vocabulary import CatalogKind, Drift, Outcome
from storage.inbox.door import Predecessor


def test_a_drain_is_summed_up_in_one_line() -> None:
    total = ChunkOutcome(outcomes=Counter({Outcome.APPLIED: 35, Outcome.GONE: 2}), held=1)
    assert (
        summarize_drain(DrainReport(total=total, events=38))
        == "38 events: 35 applied, 2 gone, 1 held"
    )


def test_a_drain_that_settled_nothing_says_why() -> None:
    report = DrainReport(ended_because="the source failed: no answer")
    assert summarize_drain(report) == "no events settled: the source failed: no answer"


def test_the_successor_of_a_killed_run_names_it_and_what_it_took_over() -> None:
    killed = Predecessor(run_id=RunId("run-7"), run_name="process-inbox 14:02", taken_over=12)
    text = describe_drain(DrainReport(predecessor=killed))
    assert "run-7" in text
    assert "process-inbox 14:02" in text
    assert "12 of its events" in text


def test_dead_letters_are_shown_with_their_reasons_and_cannot_break_the_table() -> None:
    letter = DeadLetter("event-1", "SKU|1", "422: bad\nvalue")
    text = describe_drain(DrainReport(total=ChunkOutcome(dead=[letter])))
    assert "| `event-1` | SKU\\|1 | 422: bad value |" in text


def test_drift_is_reported_by_kind_and_family() -> None:
    report = ReconcileReport("full", dry_run=False, products=100, repaired=3)
    for drift, family in [(Drift.MISSING, "lamps"), (Drift.MISSING, "lamps"), (Drift.ORPHAN, None)]:
        report.found(FoundDrift(drift, ProductKey("k"), "SKU", family, timedelta(hours=2)))
    text = describe_reconcile(report)
    assert report.summary() == "100 products compared: 2 missing, 1 orphan; 3 repaired"
    assert "| missing | lamps | 2 |" in text
    assert "| orphan | (no family) | 1 |" in text
    assert "behind for up to 2 h 0 min" in text


def test_a_reconcile_without_drift_says_so() -> None:
    report = ReconcileReport("full", dry_run=True, products=2000)
    assert report.summary() == "2,000 products compared: no drift"
    assert not report.has_drift


def test_spans_read_as_a_person_says_them() -> None:
    spans = [0.84, 61, 7500]
    assert [format_span(timedelta(seconds=s)) for s in spans] == ["0.8 s", "1 min 1 s", "2 h 5 min"]


def test_a_run_whose_structure_changed_all_over_keeps_a_name_that_can_be_read() -> None:
    report = ReconcileReport("full", dry_run=False)
    report.products = 3
    report.structure.update({CatalogKind.FAMILY: 2, CatalogKind.OPTION: 5})
    assert report.summary() == "3 products compared: 2 family changed, 5 option changed; 0 repaired"
    report.structure.update({CatalogKind.RECORD: 200, CatalogKind.ASSET: 100})
    assert report.summary() == "3 products compared: 307 items of 4 kinds changed; 0 repaired"
