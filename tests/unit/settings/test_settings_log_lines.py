import json
import logging
from pathlib import Path
from typing import Any

import pytest

from settings import SettingsError, load_settings
from settings.log_lines import JsonLines


def line_of(message: str, *args: object, **fields: object) -> dict[str, Any]:
    logger = logging.Logger("flows.drain.loop")  # noqa: LOG001 - one that nobody listens to
    record = logger.makeRecord(
        "flows.drain.loop", 30, "drain.py", 1, message, args, None, extra=fields
    )
    line = JsonLines().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_says_when_how_grave_who_and_what_in_that_order() -> None:
    line = line_of("%d deliveries refused", 312)
    assert list(line) == ["time", "level", "logger", "message"]
    assert line["level"] == "WARNING"
    assert line["logger"] == "flows.drain.loop"
    assert line["message"] == "312 deliveries refused"
    assert line["time"].endswith("Z")
    assert len(line["time"]) == len("2026-11-23T12:00:00.000Z")


def test_fields_are_shown_whatever_they_are_and_what_is_not_known_is_left_out() -> None:
    line = line_of("x", deliveries=3, where=Path("/tmp"), run=None)  # noqa: S108 - a path like any
    assert (line["deliveries"], line["where"]) == (3, "/tmp")  # noqa: S108 - same
    assert "run" not in line


def test_prefect_s_words_for_a_run_are_ours() -> None:
    line = line_of("x", flow_run_id="1", flow_run_name="calm-owl", send_to_api=True)
    assert {"run_id": "1", "run": "calm-owl"}.items() <= line.items()
    assert "send_to_api" not in line


def test_an_exception_stays_in_its_line() -> None:
    logger = logging.Logger("x")  # noqa: LOG001 - one that nobody listens to
    error = ValueError("two\nlines")
    info = (type(error), error, None)
    record = logger.makeRecord("x", 40, "x.py", 1, "it failed", (), info)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "ValueError: two\nlines" in json.loads(line)["exception"]


URL = 'the "url" https://pim:geheim-1@shop.example\\'


def test_no_secret_passes_in_any_field_and_the_line_stays_json() -> None:
    line = line_of("x", where=URL, tried=[{"url": URL}])
    assert line["where"] == URL.replace("geheim-1", "***")
    assert "geheim" not in json.dumps(line)


def test_no_secret_passes_in_the_text_of_an_exception() -> None:
    logger = logging.Logger("x")  # noqa: LOG001 - one that nobody listens to
    error = ValueError(URL)
    record = logger.makeRecord("x", 40, "x.py", 1, URL, (), (type(error), error, None))
    line = JsonLines().format(record)
    assert "geheim" not in line
    assert "ValueError" in json.loads(line)["exception"]


@pytest.mark.parametrize(("given", "as_json"), [("json", True), ("JSON", True), ("text", False)])
def test_the_format_is_a_setting(tmp_path: Path, given: str, as_json: bool) -> None:  # noqa: FBT001 - a parameter
    settings = load_settings({"SYNC_LOG_FORMAT": given, "SYNC_LOG_LEVEL": "debug"}, root=tmp_path)
    assert settings.log_as_json is as_json
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("name", "text", "cure"),
    [
        ("SYNC_LOG_FORMAT", "xml", "it must be text or json (it is text where it is not set)"),
        ("SYNC_LOG_LEVEL", "LOUD", "it must be one of DEBUG, INFO, WARNING and ERROR"),
    ],
)
def test_another_word_is_refused_with_the_cure(
    tmp_path: Path, name: str, text: str, cure: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({name: text}, root=tmp_path)
    assert f"{name} is not usable: {cure}" in str(raised.value)
