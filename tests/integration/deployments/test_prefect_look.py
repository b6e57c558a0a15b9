"""The doctor's look at a real Prefect server: our words for it are still the server's."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from deployments.deploy import deploy
from deployments.prefect_status import LookFailed, look_at_prefect, prefect_answers
from deployments.worker.warm_worker import WORKER_TYPE
from settings import PrefectLogin
from tests.integration.deployments.prefect_helpers import make_pool, open_client
from tests.prefect_fixtures import PrefectServer, free_port


@pytest.mark.anyio
async def test_pool_and_workers_are_seen(prefect_server: PrefectServer) -> None:
    async with open_client() as client:
        name = await make_pool(client)
        await client.send_worker_heartbeat(name, "a worker", heartbeat_interval_seconds=30)
    settings = replace(prefect_server.settings, work_pool_name=name)

    look = look_at_prefect(settings, seconds=20)

    assert look.server_version == look.our_version
    assert look.pool is not None
    assert (look.pool.kind, look.pool.paused) == (WORKER_TYPE, False)
    assert [(worker.name, worker.online) for worker in look.pool.workers] == [("a worker", True)]
    assert look.pool.workers[0].heartbeat_at is not None
    assert prefect_answers(settings, seconds=20)


def test_deployments_are_missed_until_they_are_there(prefect_server: PrefectServer) -> None:
    deploy(prefect_server.settings)
    look = look_at_prefect(prefect_server.settings, seconds=20)
    assert look.missing == ()
    other = replace(prefect_server.settings, work_pool_name="there-is-none")
    assert look_at_prefect(other, seconds=20).pool is None


def test_a_login_that_an_open_server_does_not_ask_for_does_no_harm(
    prefect_server: PrefectServer,
) -> None:
    login = PrefectLogin(basic=SecretStr("admin:pass"))
    settings = replace(prefect_server.settings, prefect_login=login)
    assert look_at_prefect(settings, seconds=20).server_version


def test_no_server_is_told(prefect_server: PrefectServer) -> None:
    away = replace(prefect_server.settings, prefect_api_url=f"http://127.0.0.1:{free_port()}/api")
    with pytest.raises(LookFailed):
        look_at_prefect(away, seconds=2)
    assert not prefect_answers(away, seconds=2)
