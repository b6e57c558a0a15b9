"""`reconcile` against a simulated PIM, without a Prefect server and with one."""

import json
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pim.ids import OrderNumber
from settings import read_environment
from storage.state.sweeps import begin_sweep
from tests.integration.cli.shop_store import Call, Pim, Shop
from tests.prefect_fixtures import PrefectServer

_ON_ROOT = """
import sys
from pathlib import Path
import settings.loading
root = Path(sys.argv.pop(1))
settings.loading.project_root = lambda: root
from cli.main import main
main()
"""


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What a reconcile does to PostgreSQL, the tests of the flows show."""
    return sqlite_url


def identifiers(call: Call) -> dict[str, str]:
    lines = [json.loads(line) for line in call("export").stdout.splitlines()]
    return {line["uuid"]: line["identifier"] for line in lines}


@pytest.mark.usefixtures("shop", "pim")
def test_a_full_reconcile_fills_the_store_and_says_what_was_missing(call: Call) -> None:
    result = call("reconcile", "--full")

    assert result.exit_code == 0
    assert "30 missing" in result.stdout
    assert "calls to the PIM" in result.stdout
    assert "not shown in Prefect: no server answers at http://127.0.0.1:9/api" in result.stdout
    assert result.stderr == ""
    assert len(identifiers(call)) == 30


@pytest.mark.usefixtures("shop", "pim")
def test_a_dry_run_ends_with_three_where_there_is_drift_and_repairs_nothing(call: Call) -> None:
    drifted = call("reconcile", "--full", "--dry-run")

    assert drifted.exit_code == 3
    assert "would be repaired" in drifted.stdout
    assert identifiers(call) == {}

    assert call("reconcile", "--full").exit_code == 0
    assert call("reconcile", "--full", "--dry-run").exit_code == 0


@pytest.mark.usefixtures("shop")
def test_one_product_is_reconciled_by_its_identifier(pim: Pim, call: Call) -> None:
    call("reconcile", "--full")
    uuid, identifier = next(iter(identifiers(call).items()))
    pim.rename(uuid, "Another name")

    dry = call("reconcile", "--key", identifier, "--dry-run", "--json")
    assert dry.exit_code == 3
    assert json.loads(dry.stdout)["repaired"] == 0

    repaired = call("reconcile", "--key", identifier.lower(), "--json")
    assert repaired.exit_code == 0
    assert json.loads(repaired.stdout)["repaired"] == 1
    assert "Another name" in call("export").stdout


@pytest.mark.usefixtures("shop", "pim")
def test_a_key_that_nobody_knows_is_one_line(call: Call) -> None:
    result = call("reconcile", "--key", "no-such-thing")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "'no-such-thing'" in result.stderr


@pytest.mark.usefixtures("shop")
def test_a_pim_that_refuses_the_login_is_one_line_without_a_secret(
    pim: Pim, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pim.url
    monkeypatch.setenv("AKENEO_PASSWORD", "hush-hush")

    result = call("reconcile", "--full")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "unexpected" not in result.stderr
    assert "hush" not in result.stderr


@pytest.mark.usefixtures("pim")
def test_a_reconcile_that_meets_another_is_one_line_that_names_it(shop: Shop, call: Call) -> None:
    with shop.store.transaction() as tx:
        begin_sweep(
            tx,
            name="products/full",
            holder="run-at-work",
            first_number=OrderNumber(1),
            source_now=datetime.now(UTC),
            lease=timedelta(minutes=1),
        )

    result = call("reconcile", "--full")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "nothing was done, run run-at-work is at the sweep products/full" in result.stderr


@pytest.mark.usefixtures("shop")
def test_without_a_pim_the_cure_is_said(call: Call) -> None:
    result = call("reconcile", "--full")

    assert result.exit_code == 1
    assert "AKENEO_BASE_URL" in result.stderr


def test_full_and_key_contradict(call: Call) -> None:
    assert call("reconcile", "--full", "--key", "x").exit_code == 2


def test_through_prefect_the_run_shows_up_there_and_the_report_here(
    shop: Shop, pim: Pim, prefect_server: PrefectServer
) -> None:
    done = call_beside_prefect(shop, pim, prefect_server, "--full", "--dry-run")

    assert done.returncode == 3, done.stderr
    assert done.stderr == ""
    assert "30 missing" in done.stdout
    assert "not shown in Prefect" not in done.stdout
    assert any("30 missing" in str(run["name"]) for run in runs_of(prefect_server, "reconcile"))


def test_a_failure_within_prefect_is_one_line_too(
    shop: Shop, pim: Pim, prefect_server: PrefectServer
) -> None:
    done = call_beside_prefect(shop, pim, prefect_server, "--key", "no-such-thing")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "'no-such-thing'" in done.stderr


def call_beside_prefect(
    shop: Shop, pim: Pim, server: PrefectServer, *options: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: Prefect reads its settings once in each."""
    root = Path(str(shop.store.engine.url.database)).parent
    environment = {
        **read_environment(),
        **pim.env,
        **server.env,
        "SYNC_DATABASE_URL": str(shop.store.engine.url),
    }
    return subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", _ON_ROOT, str(root), "reconcile", *options],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def runs_of(server: PrefectServer, flow: str) -> list[dict[str, object]]:
    body = json.dumps({"flows": {"name": {"any_": [flow]}}, "limit": 50}).encode()
    request = urllib.request.Request(  # noqa: S310 -- the loopback
        f"{server.api_url}/flow_runs/filter",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- the loopback
        runs: list[dict[str, object]] = json.load(answer)
        return runs
