"""A warm worker in a process of its own, to be killed: `worker_process.py POOL NAME`."""

import asyncio
import signal
import sys
from datetime import timedelta

from deployments.worker.lost_runs import Judge
from deployments.worker.process_identity import own_incarnation
from deployments.worker.warm_worker import WarmWorker
from tests.integration.deployments.prefect_helpers import SAMPLES


async def main(pool: str, name: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    judge = Judge(own_incarnation(name), recorded_after=timedelta(seconds=1))
    worker = WarmWorker(
        pool, name=name, packages=(SAMPLES,), resumed=(f"{SAMPLES}.resumable",), judge=judge
    )
    await worker.serve(stop)


asyncio.run(main(*sys.argv[1:]))
