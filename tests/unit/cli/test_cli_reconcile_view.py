"""A reconcile's report as people read it."""

from datetime import timedelta
from io import StringIO

from rich.console import Console

from cli.views.reconcile import closing_lines, drift_rows, read_report, show_report
from flows.sweeps.report import FoundDrift, ReconcileReport
from pim.ids import ProductKey
from pim.vocabulary import CatalogKind, Drift


def report() -> ReconcileReport:
    made = ReconcileReport("full", dry_run=False)
    made.found(FoundDrift(Drift.MISSING, ProductKey("k-1"), "SKU-1", "shoes"))
    made.found(FoundDrift(Drift.MISSING, ProductKey("k-2"), None, None))
    made.found(FoundDrift(Drift.ORPHAN, ProductKey("k-3"), "SKU-3", "shoes"))
    made.structure[CatalogKind.FAMILY] += 2
    made.products, made.repaired, made.calls, made.seconds = 2000, 3, 24, 12.4
    return made


def test_drift_is_shown_by_kind_with_its_meaning() -> None:
    rows = drift_rows(read_report(report().as_json()))

    assert [(kind, found) for kind, found, _ in rows] == [
        ("missing", "2"),
        ("orphan", "1"),
        ("family", "2"),
    ]
    assert all(meaning for _, _, meaning in rows)


def test_a_word_of_each_kind_of_drift_is_explained() -> None:
    made = ReconcileReport("full", dry_run=False)
    for kind in Drift:
        made.found(FoundDrift(kind, ProductKey(kind.value), None, None))

    assert all(meaning for _, _, meaning in drift_rows(read_report(made.as_json())))


def test_examples_notes_held_deletions_failures_and_cost_are_said() -> None:
    made = report()
    made.notes.append("goes on where an earlier run stopped")
    made.held = 4
    made.failed.append((ProductKey("k-9"), "status 422"))

    lines = closing_lines(read_report(made.as_json()))

    assert lines == [
        "for example: SKU-1 (missing), k-2 (missing), SKU-3 (orphan)",
        "note: goes on where an earlier run stopped",
        "4 deletions held: see `akeneo-sync approve`",
        "could not be read: k-9: status 422",
        "24 calls to the PIM in 12 s",
    ]


def test_a_quick_one_is_timed_in_tenths() -> None:
    made = ReconcileReport("key", dry_run=False)
    made.calls, made.seconds = 1, 0.42

    assert closing_lines(read_report(made.as_json())) == ["1 call to the PIM in 0.4 s"]


def test_the_report_knows_drift_of_products_and_of_structure() -> None:
    none = ReconcileReport("full", dry_run=True)
    labels = ReconcileReport("full", dry_run=True)
    labels.structure[CatalogKind.ATTRIBUTE] += 1

    for made in (none, labels, report()):
        assert read_report(made.as_json()).has_drift == made.has_drift
    assert not read_report(none.as_json()).has_drift
    assert read_report(labels.as_json()).has_drift


def test_a_report_of_another_shape_is_no_reason_to_fail() -> None:
    view = read_report({"drift": None, "failed": {}, "calls": "many"})
    assert (view.has_drift, view.calls, view.took) == (False, 0, timedelta(0))


def test_the_screen_begins_with_the_summary_and_ends_with_the_remark() -> None:
    screen = StringIO()
    console = Console(file=screen, width=200, markup=False)

    show_report(console, read_report(report().as_json()), remark="not shown in Prefect")

    lines = screen.getvalue().strip().splitlines()
    assert lines[0].startswith("2,000 products compared: 2 missing, 1 orphan")
    assert lines[-1] == "not shown in Prefect"
