"""`up` whose Prefect server asks for a login."""

import json

import pytest

from tests.e2e.leaks import (
    LOGIN,
    drawn_secrets,
    in_what_was_written,
    on_command_lines,
    open_to_others,
    status_of,
)
from tests.up_process import Clone, running, until


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("a clone"))  # with a space in its name


@pytest.mark.timeout(400)
def test_with_a_login_all_parts_work_and_no_secret_gets_out(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(clone.env, "PREFECT_SERVER_API_AUTH_STRING", LOGIN)
    var = clone.folder / "var"
    with running(clone) as up:
        up.wait_for("everything is up")
        secrets = drawn_secrets(clone)
        until(lambda: clone.live_products() > 0, "products in the store")
        until(lambda: is_well(clone), "a worker that reports to Prefect")

        api = f"http://127.0.0.1:{clone.env['PREFECT_SERVER_API_PORT']}/api"
        assert status_of(f"{api}/admin/version") == 401
        assert status_of(f"{api}/admin/version", LOGIN) == 200
        assert status_of(f"{api}/health") == 200
        assert on_command_lines(up, secrets) == []
        assert open_to_others(var) == []
        assert up.stop() == 0
    assert in_what_was_written(var, secrets) == []
    assert not [line for line in up.said if any(each in line for each in secrets)]


def is_well(clone: Clone) -> bool:
    examined = clone.run("doctor", "--json")
    return examined.returncode == 0 and bool(json.loads(examined.stdout)["ok"])
