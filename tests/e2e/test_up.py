"""`akeneo-sync up` as a user starts it."""

import os
import signal
import socket

import httpx
import pytest

from deployments.up.demo import SHOP_FILE
from tests.up_process import (
    Clone,
    drains_at_work,
    lives_of,
    running,
    runs_at_work,
    runs_in,
    until,
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("a clone"))  # with a space in its name


def test_fresh_clone_mirrors_the_demo_survives_its_worker_and_stops_cleanly(clone: Clone) -> None:
    with running(clone) as up:
        up.wait_for("everything is up")
        until(lambda: clone.live_products() > 0, "products in the store")

        second = clone.run("up")
        assert second.returncode == 1
        assert f"runs already (pid {up.process.pid})" in second.stderr
        assert len(second.stderr.splitlines()) == 1

        token = clone.run("tokens", "create", "shop").stdout.strip()
        api = f"http://127.0.0.1:{clone.env['SYNC_API_PORT']}"
        shown = httpx.get(f"{api}/products", headers={"Authorization": f"Bearer {token}"})
        assert shown.json()["products"]

        until(lambda: drains_at_work(clone) != [], "a drain at work")
        drain = drains_at_work(clone)[0]
        worker = up.worker()
        assert worker, up.children()  # 0 would be this very process group
        os.kill(worker, signal.SIGKILL)
        up.wait_for("worker was ended by SIGKILL; starting it again in 1 s")
        until(lambda: up.worker() not in {0, worker}, "another worker")
        until(lambda: lives_of(clone, drain) > 1, "the killed worker's drain to go on")

        assert up.stop() == 0
        assert "nothing is lost" in up.said[-1]
    assert runs_at_work(clone) == []
    assert runs_in(clone, "CRASHED") + runs_in(clone, "FAILED") == []
    assert (clone.folder / SHOP_FILE).exists()


def test_taken_port_is_named_with_who_has_it_and_the_cure(clone: Clone) -> None:
    with socket.create_server(("127.0.0.1", int(clone.env["SYNC_PORT"]))):
        ended = clone.run("up")
    assert ended.returncode == 1
    line = ended.stderr.strip()
    assert f"port {clone.env['SYNC_PORT']}, for the receiver, is taken" in line
    assert f"(pid {os.getpid()})" in line
    assert "SYNC_PORT" in line
    assert "\n" not in line
