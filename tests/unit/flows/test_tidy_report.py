from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flows.retention.disks import Room
from flows.retention.report import Tidied, TidyReport, describe_tidying
from flows.retention.store import describe_rules
from settings.model import Retention

KEEP = Retention(
    bodies=timedelta(hours=48),
    events=timedelta(days=14),
    changes=timedelta(days=30),
    drain_runs=timedelta(hours=24),
    reports=timedelta(days=90),
)


def test_the_report_says_what_went_and_what_is_left() -> None:
    report = TidyReport(
        done={
            "bodies compressed": Tidied(4012, 210_400_000),
            "events removed": Tidied(0),
            "changes removed": Tidied(500, unfinished=True),
        },
        sizes={"store": "1.0 GB, 400.0 MB of it free for new rows"},
        rooms=(Room(Path("/srv"), 50 * 10**9, 12 * 10**9),),
    )
    assert report.summary() == ("bodies compressed: 4,012 (210.4 MB freed), changes removed: 500")
    shown = describe_tidying(report, describe_rules(KEEP))
    assert "| bodies compressed | 4,012 | 210.4 MB | after 10 min 0 s |" in shown
    assert "| changes removed | 500 (more is left) |  | after 30 days |" in shown
    assert "| store | 1.0 GB, 400.0 MB of it free for new rows |" in shown
    assert "12.0 GB of 50.0 GB are free on the disk of /srv" in shown


def test_a_part_that_failed_is_in_the_summary() -> None:
    report = TidyReport(problems=["tidy-runs failed: no server"])
    assert report.summary() == "nothing was old enough to go; tidy-runs failed: no server"
    assert "**tidy-runs failed: no server**" in describe_tidying(report, {})


def test_runs_are_kept_as_long_as_the_settings_say_but_frequent_deltas() -> None:
    ages = describe_rules(KEEP)
    assert ages["runs of process-inbox deleted"] == "after 24 h 0 min"
    assert ages["runs of reconcile/delta deleted"] == "after 7 days"
    assert ages["runs of reconcile deleted"] == "after 90 days"
    short = describe_rules(replace(KEEP, reports=timedelta(days=3)))
    assert short["runs of reconcile/delta deleted"] == "after 3 days"
