"""How long a run stays "Running" in Prefect after its worker was killed, and no other came."""

import asyncio
import dataclasses
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from deployments.catalogue import OUR_TAG, DeploymentSpec
from deployments.deploy.publishing import publish
from deployments.messages import SILENT
from tests.integration.deployments.prefect_helpers import SAMPLES, open_client, wait_for
from tests.prefect_fixtures import PrefectServer

pytestmark = pytest.mark.anyio

LASTING = DeploymentSpec(
    flow_name="lasting",
    name="drill",
    entrypoint=f"{SAMPLES}.lasting",
    description="Waits to be killed.",
    tags=(OUR_TAG,),
)


async def test_run_of_a_killed_worker_is_marked_within_90_seconds(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    settings = dataclasses.replace(
        prefect_server.settings, work_pool_name=f"drill-{uuid4().hex[:8]}"
    )
    await publish(settings, [LASTING], packages=(SAMPLES,))
    worker = subprocess.Popen(  # noqa: S603, ASYNC220 - our own command line, and it returns at once
        [
            sys.executable,
            "-m",
            "tests.integration.deployments.worker_process",
            settings.work_pool_name,
            "drilled",
        ],
        env={**prefect_server.env, "PYTHONPATH": str(Path.cwd())},
    )
    async with open_client() as client:
        deployment = await client.read_deployment_by_name("lasting/drill")
        run = await client.create_flow_run_from_deployment(
            deployment.id, parameters={"folder": str(tmp_path), "seconds": 600}
        )
        await wait_for((tmp_path / "began.txt").exists, "the run to begin")
        # The first heartbeat is to reach the server: a run that dies before it is found by the
        # next worker only.
        await asyncio.sleep(10)
        worker.kill()
        worker.wait()
        killed = time.monotonic()
        while (await client.read_flow_run(run.id)).state_name != SILENT:
            assert time.monotonic() - killed < 90
            await asyncio.sleep(0.5)
    sys.stderr.write(f"marked {time.monotonic() - killed:.0f} s after the kill\n")
