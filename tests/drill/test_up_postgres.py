"""`akeneo-sync up` with its store on PostgreSQL, which goes away and comes back meanwhile."""

import json
import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.up_process import Clone, running, until

PASSWORD = "geheim"


def goes_on(clone: Clone, before: int) -> bool:
    """More products than before have arrived, or all of them have."""
    told = json.loads(clone.run("status", "--json").stdout)
    full = [sweep for sweep in told["sweeps"] if sweep["name"] == "products/full"]
    live: int = told["products"]["live"]
    return live > before or any(sweep["finished_at"] for sweep in full)


@pytest.mark.timeout(600)
def test_on_postgres_it_mirrors_the_demo_and_survives_server_and_worker(
    tmp_path: Path,
    postgres_url: str,
    postgres_outage: Callable[[], AbstractContextManager[None]],
) -> None:
    clone = Clone(tmp_path)
    clone.env["SYNC_DATABASE_URL"] = postgres_url.replace(":@", f":{PASSWORD}@")
    with running(clone) as up:
        up.wait_for("everything is up")
        until(lambda: clone.live_products() > 0, "products in the store")
        lines = clone.run("export").stdout.splitlines()
        assert all(json.loads(line)["source"] for line in lines)
        assert lines

        before = clone.live_products()
        with postgres_outage():
            away = clone.run("status")
            assert (away.returncode, away.stdout) == (1, "")
            assert len(away.stderr.splitlines()) == 1
            assert "the database postgresql:///akeneo_store refuses" in away.stderr

        worker = up.worker()
        assert worker, up.children()  # 0 would be this very process group
        os.kill(worker, signal.SIGKILL)
        until(lambda: up.worker() not in {0, worker}, "another worker")
        until(lambda: goes_on(clone, before), "more products in the store", seconds=300)
        assert up.stop() == 0
    told = "\n".join([*up.said, away.stderr, clone.run("status").stdout])
    assert PASSWORD not in told
    assert not (clone.folder / "var" / "akeneo-sync.db").exists()
    for file in (clone.folder / "var").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
