import io

import pytest

from deployments.output import ChildLines, Output


def lines_shown(name: str, *lines: str) -> list[str]:
    stream = io.StringIO()
    taken = ChildLines(name, Output(stream))
    for line in lines:
        taken.take(f"{line}\n".encode())
    taken.flush()
    return stream.getvalue().splitlines()


def test_each_line_bears_the_name_of_its_child() -> None:
    assert lines_shown("worker", "one", "two") == ["worker    | one", "worker    | two"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "22:16:48.046 | INFO    | Flow run 'reconcile' - 2,001 products compared",
            "22:16:48 Flow run 'reconcile' - 2,001 products compared",
        ),
        (
            "22:16:48.046 | WARNING | deployments.warm_worker - the Prefect server answers again",
            "22:16:48 WARNING deployments.warm_worker - the Prefect server answers again",
        ),
        (
            "2026-11-23 22:16:33,014 INFO receiver.serve: listening on http://127.0.0.1:8000",
            "22:16:33 listening on http://127.0.0.1:8000",
        ),
    ],
)
def test_log_line_is_shortened_to_what_an_operator_reads(line: str, shown: str) -> None:
    assert lines_shown("worker", line) == [f"worker    | {shown}"]


@pytest.mark.parametrize(
    "line",
    [
        "22:16:41.606 | INFO    | Flow run 'process-inbox' - 9 products (9 events): 9 applied",
        "22:16:41.606 | INFO    | Flow run 'calm-owl' - View at http://127.0.0.1:4200/runs/1",
        "22:16:41.606 | INFO    | Flow run 'calm-owl' - Finished in state Completed()",
        "22:16:41.606 | INFO    | prefect.flow_runs.worker - Worker 'w' submitting flow run '1'",
        r"|  _/   / _|| _|| _| (__  | |  ",
        "Check out the dashboard at http://127.0.0.1:4200",
    ],
)
def test_noise_is_not_shown(line: str) -> None:
    assert lines_shown("worker", line) == []


def test_traceback_is_shown_as_what_happened() -> None:
    shown = lines_shown(
        "worker",
        "22:16:41.606 | ERROR   | Flow run 'x' - Encountered exception",
        "Traceback (most recent call last):",
        '  File "flow.py", line 1, in <module>',
        "KeyError: 'a'",
        "22:16:42.000 | WARNING | next",
    )
    assert shown == [
        "worker    | 22:16:41 ERROR Flow run 'x' - Encountered exception",
        "worker    | KeyError: 'a'",
        "worker    | 22:16:42 WARNING next",
    ]


def test_collision_of_two_writes_of_prefects_server_is_noise_with_its_traceback() -> None:
    shown = lines_shown(
        "prefect",
        "22:17:10.584 | ERROR   | prefect.server - Encountered exception in request:",
        "Traceback (most recent call last):",
        "sqlite3.OperationalError: database is locked",
        "",
        "The above exception was the direct cause of the following exception:",
        "Traceback (most recent call last):",
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked",
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    )
    assert shown == []


def test_last_words_are_the_last_line_that_says_something() -> None:
    taken = ChildLines("receiver", Output(io.StringIO()))
    taken.take(b"akeneo-sync: AKENEO_WEBHOOK_SECRETS is not set\n")
    taken.take(b"Server stopped!\n")
    assert taken.last_words() == "akeneo-sync: AKENEO_WEBHOOK_SECRETS is not set"
