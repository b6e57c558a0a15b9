import io
import json

import pytest

from deployments.up.output import ChildLines, Output


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
            "22:16:48.046 | WARNING | deployments.worker.run - the Prefect server answers again",
            "22:16:48 WARNING deployments.worker.run - the Prefect server answers again",
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


def json_lines_shown(name: str, *lines: str) -> list[str]:
    stream = io.StringIO()
    taken = ChildLines(name, Output(stream, as_json=True))
    for line in lines:
        taken.take(f"{line}\n".encode())
    taken.flush()
    return stream.getvalue().splitlines()


def test_a_child_s_line_of_json_comes_through_as_it_is() -> None:
    line = '{"time": "x", "level": "ERROR", "message": "it failed", "exception": "Traceback (most'
    line += ' recent call last):\\n  …\\nKeyError"}'
    assert json_lines_shown("worker", line, line) == [line, line]


def test_what_is_no_json_is_told_in_json_with_its_whole_traceback() -> None:
    shown = json_lines_shown(
        "prefect",
        "Server stopped!",
        "{no json}",
        "it failed",
        "Traceback (most recent call last):",
        '  File "x.py", line 1',
        "KeyError: 'a'",
    )
    records = [json.loads(line) for line in shown]
    assert [record["logger"] for record in records] == ["prefect", "prefect"]
    assert records[0]["message"] == "{no json}"
    assert records[1]["message"].splitlines()[0] == "it failed"
    assert records[1]["message"].splitlines()[-1] == "KeyError: 'a'"


def test_a_secret_is_taken_out_of_a_child_s_json_and_the_rest_stays() -> None:
    record = {"message": 'no "way" to https://pim:geheim-1@shop.example\\', "n": [1, None]}
    (shown,) = json_lines_shown("prefect", json.dumps(record))
    assert json.loads(shown) == record | {"message": 'no "way" to https://pim:***@shop.example\\'}


def test_up_s_own_lines_are_json_too() -> None:
    stream = io.StringIO()
    output = Output(stream, as_json=True)
    output.say("starting")
    output.tell("2 products created")
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(r["logger"], r["message"]) for r in records] == [
        ("up", "starting"),
        ("up", "2 products created"),
    ]


def test_readiness_and_last_words_are_found_in_json() -> None:
    taken = ChildLines("worker", Output(io.StringIO(), as_json=True), awaited="is ready")
    taken.take(b'{"message": "worker x is ready in work pool y"}\n')
    assert taken.has_come
    assert taken.last_words() == "worker x is ready in work pool y"
