"""No secret in what is logged or raised, whoever logs it and in whatever form it is written."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import hide_also, install_masking, load_settings, mask, masked_errors
from settings import masking as module
from settings.masking import HIDDEN, _Mask, list_secrets

SECRETS = {
    "AKENEO_CLIENT_SECRET": "canary-client/secret+1",
    "AKENEO_PASSWORD": 'canary-pass"word<&>é',
    "AKENEO_WEBHOOK_SECRETS": "canary-webhook-1,canary-webhook-2",
    "PREFECT_SERVER_API_AUTH_STRING": "admin:canary-prefect",
    "PREFECT_API_KEY": "canary-api-key",
    "SYNC_DATABASE_URL": "postgresql://user:canary%2Fdb@host/name",
}
ENV = {
    **SECRETS,
    "AKENEO_BASE_URL": "https://pim.example.com",
    "AKENEO_CLIENT_ID": "the-client-id",
    "AKENEO_USERNAME": "julia",
}


@pytest.fixture(autouse=True)
def masking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mask of one test: what it learns is forgotten afterwards."""
    monkeypatch.setattr(module, "_mask", _Mask())
    before = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook
    logging.setLogRecordFactory(logging.LogRecord)
    install_masking(load_settings(ENV, root=tmp_path))
    yield
    logging.setLogRecordFactory(before[0])
    sys.excepthook, threading.excepthook = before[1:]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What a handler writes that knows nothing of us, and was there before."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    names = ("flows.test", "prefect.test", "prefect.flow_runs")
    loggers = [logging.getLogger(name) for name in names]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)
        logger.propagate = True


def fail(text: str, cause: Exception | None = None) -> None:
    raise ValueError(text) from cause


class DetailedError(Exception):
    """A stand-in for any library's, which keeps its text in several places."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.detail = text


def fail_in_detail() -> None:
    try:
        fail("canary-prefect")
    except ValueError as cause:
        raise DetailedError("canary-webhook-1") from cause


def test_every_secret_is_known_and_nothing_else() -> None:
    text = f"{ENV} canary/db dGhlLWNsaWVudC1pZDpjYW5hcnktY2xpZW50L3NlY3JldCsx"
    shown = mask(text)
    assert "canary" not in shown
    assert "dGhl" not in shown
    for plain in ("https://pim.example.com", "the-client-id", "julia", "host/name"):
        assert plain in shown


@pytest.mark.parametrize("secret", ["canary-client/secret+1", 'canary-pass"word<&>é'])
def test_a_secret_is_found_however_it_is_written(secret: str) -> None:
    written = [secret, quote(secret, safe=""), json.dumps(secret), repr(secret), f"'{secret}'"]
    assert "canary" not in mask(" ".join(written))


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic c29tZW9uZTplbHNl",
        "{'Authorization': 'Bearer someone-elses-token'}",
        "Bearer someone-elses-long-token",
        "postgresql+psycopg://someone:else@host/db refused",
        '{"access_token":"someone-elses-token","expires_in":3600}',
    ],
)
def test_what_looks_like_a_login_is_hidden_whoever_it_is(text: str) -> None:
    assert "else" not in mask(text)
    assert HIDDEN in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "the bearer of this letter",
        "http://127.0.0.1:4200/api",
        "sqlite:////srv/var/akeneo-sync.db",
        "GET api/rest/v1/products-uuid, status 503",
        "basic authorization is missing",
    ],
)
def test_plain_lines_stay_as_they_are(text: str) -> None:
    assert mask(text) == text


def test_a_message_its_arguments_and_its_traceback_are_masked_for_any_handler(
    logged: io.StringIO,
) -> None:
    log = logging.getLogger("prefect.test")
    log.error("said canary-webhook-1 to %s", "canary-api-key")
    try:
        fail("canary-prefect", KeyError("canary-webhook-2"))
    except ValueError:
        log.exception("failed")

    text = logged.getvalue()
    assert "canary" not in text
    assert f"said {HIDDEN} to {HIDDEN}" in text
    assert f"ValueError: {HIDDEN}" in text
    assert "Traceback (most recent call last)" in text


def test_a_traceback_without_secrets_is_left_to_the_formatter(logged: io.StringIO) -> None:
    try:
        fail("plain")
    except ValueError:
        logging.getLogger("flows.test").exception("failed")
    assert logged.getvalue().count("ValueError: plain") == 1


def test_a_products_identifier_forges_no_log_line(logged: io.StringIO) -> None:
    logging.getLogger("flows.test").warning("product %s", "A\n12:00 INFO all is well\x1b[2J")
    assert logged.getvalue().count("\n") == 1
    assert "\x1b" not in logged.getvalue()


def test_nor_does_it_where_a_flow_logs(logged: io.StringIO) -> None:
    logging.getLogger("prefect.flow_runs").warning("product %s", "A\nB\u2028C\x9bD")
    assert logged.getvalue() == "prefect.flow_runs product A\\nB\\u2028C\\x9bD\n"


def test_what_others_say_keeps_its_lines_and_steers_nothing(logged: io.StringIO) -> None:
    logging.getLogger("prefect.test").warning("two\n\tlines\x1b[2J")
    assert logged.getvalue() == "prefect.test two\n\tlines\\x1b[2J\n"


def test_a_traceback_steers_no_terminal(logged: io.StringIO) -> None:
    try:
        fail("SKU\x1b[2J\u202e")
    except ValueError:
        logging.getLogger("flows.test").exception("failed")
    assert "SKU\\x1b[2J\\u202e" in logged.getvalue()
    assert "\x1b" not in logged.getvalue()


def test_a_record_whose_arguments_do_not_fit_is_no_reason_to_fail(logged: io.StringIO) -> None:
    record = logging.getLogger("flows.test").makeRecord(
        "flows.test", logging.INFO, "file", 1, "%d of %d", ("x",), None
    )
    assert record.args == ("x",)
    assert logged.getvalue() == ""


def test_an_exception_and_its_causes_show_no_secret() -> None:
    with pytest.raises(DetailedError) as raised, masked_errors():
        fail_in_detail()

    assert str(raised.value) == raised.value.detail == HIDDEN
    assert str(raised.value.__cause__) == HIDDEN


def test_what_nobody_catches_is_masked_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    def failing() -> None:
        raise RuntimeError("canary-prefect")

    thread = threading.Thread(target=failing)
    with pytest.MonkeyPatch.context() as patch:
        # pytest has a hook of its own, which ours stands in for here.
        patch.setattr(threading, "excepthook", _ours())
        thread.start()
        thread.join()
    shown = capsys.readouterr().err
    assert f"RuntimeError: {HIDDEN}" in shown
    assert "canary" not in shown


def _ours() -> object:
    from settings.masking import _show_uncaught_in_thread  # noqa: PLC0415 - only here

    return _show_uncaught_in_thread


def test_installing_twice_masks_once(tmp_path: Path) -> None:
    factory = logging.getLogRecordFactory()
    install_masking(load_settings({"PREFECT_API_KEY": "another-canary"}, root=tmp_path))
    assert logging.getLogRecordFactory() is factory
    assert mask("another-canary") == HIDDEN


def test_without_settings_there_is_no_secret(tmp_path: Path) -> None:
    assert list_secrets(load_settings({}, root=tmp_path)) == []


@given(st.text(min_size=4), st.text(), st.text())
def test_no_text_around_a_secret_brings_it_back(secret: str, before: str, after: str) -> None:
    mask_of_one = _Mask()
    mask_of_one.add([secret])
    assert secret not in mask_of_one.over(f"{before}{secret}{after}").replace(HIDDEN, "\0")


def test_secrets_of_the_store_are_hidden_once_they_are_known(logged: io.StringIO) -> None:
    assert "whsec_hush" in mask("whsec_hush")
    hide_also(["whsec_hush"])
    logging.getLogger("flows.test").warning("sent with %s", "whsec_hush")
    assert "whsec_hush" not in mask("with whsec_hush") + logged.getvalue()
    assert HIDDEN in logged.getvalue()
