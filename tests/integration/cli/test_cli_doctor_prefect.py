"""The doctor's lines about Prefect, for a server that says what a test wants it to say."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.checks.finding import Findings
from cli.checks.prefect_server import check_prefect
from settings import PrefectLogin, Settings, load_settings
from tests.integration.cli.prefect_stub import PrefectStub
from tests.served_app import served

_STUB = PrefectStub()


@pytest.fixture(scope="module")
def stub_url() -> Iterator[str]:
    with served(_STUB.app()) as url:
        yield f"{url}/api"


@pytest.fixture
def stub(stub_url: str) -> PrefectStub:
    del stub_url
    fresh = PrefectStub()
    for each in fields(fresh):
        setattr(_STUB, each.name, getattr(fresh, each.name))
    return _STUB


@pytest.fixture
def settings(stub_url: str, tmp_path: Path) -> Settings:
    return load_settings({"PREFECT_API_URL": stub_url}, root=tmp_path)


def states(settings: Settings) -> dict[str, str]:
    found = Findings("Prefect")
    check_prefect(settings, found)
    return {finding.what: finding.state for finding in found.found}


@pytest.mark.usefixtures("stub")
def test_a_server_with_everything_in_order_is_well(settings: Settings) -> None:
    assert states(settings) == {
        "server": "ok",
        "deployments": "ok",
        "work pool": "ok",
        "worker": "ok",
    }


@pytest.mark.parametrize(
    ("change", "what", "state"),
    [
        ({"version": "3.7.0"}, "server", "warning"),
        ({"login": "Basic x"}, "server", "broken"),
        ({"deployments": set()}, "deployments", "broken"),
        ({"pool": None}, "work pool", "broken"),
        ({"pool": {"type": "process"}}, "work pool", "broken"),
        ({"pool": {"type": "akeneo-sync-warm", "is_paused": True}}, "work pool", "warning"),
        ({"pool": {"type": "akeneo-sync-warm", "concurrency_limit": 0}}, "work pool", "warning"),
        ({"queues": [{"name": "default", "is_paused": True}]}, "work queue", "warning"),
        ({"queues": [{"name": "default", "concurrency_limit": 0}]}, "work queue", "warning"),
        ({"deployed": {"paused": True}}, "schedule", "warning"),
        ({"deployed": {"schedules": [{"active": False}]}}, "schedule", "warning"),
        ({"workers": []}, "worker", "broken"),
        ({"workers": [{"name": "w", "status": "OFFLINE"}]}, "worker", "broken"),
    ],
)
def test_what_is_not_in_order_is_told(
    stub: PrefectStub, settings: Settings, change: dict[str, object], what: str, state: str
) -> None:
    for name, value in change.items():
        setattr(stub, name, value)
    assert states(settings)[what] == state


def test_a_process_pool_is_as_good(stub: PrefectStub, settings: Settings) -> None:
    stub.pool = {"type": "process", "is_paused": False}
    assert states(replace(settings, work_pool_type="process"))["work pool"] == "ok"


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (PrefectLogin(basic=SecretStr("admin:pass")), "Basic YWRtaW46cGFzcw=="),
        (PrefectLogin(api_key=SecretStr("pnu_key")), "Bearer pnu_key"),
    ],
)
def test_the_login_of_the_settings_is_said(
    stub: PrefectStub, settings: Settings, login: PrefectLogin, said: str
) -> None:
    stub.login = said
    assert states(replace(settings, prefect_login=login))["worker"] == "ok"


@pytest.mark.parametrize(
    ("url", "login", "warned"),
    [
        ("http://127.0.0.1:9/api", None, False),
        ("http://prefect.invalid:9/api", None, True),
        ("http://prefect.invalid:9/api", "admin:pass", True),
        ("https://127.0.0.2:9/api", None, False),
    ],
)
def test_a_server_elsewhere_without_login_or_tls_is_warned_of(
    settings: Settings, url: str, login: str | None, *, warned: bool
) -> None:
    basic = SecretStr(login) if login else None
    elsewhere = replace(settings, prefect_api_url=url, prefect_login=PrefectLogin(basic=basic))
    told = states(elsewhere)
    assert told["server"] == "broken"
    assert ("login" in told) is warned
