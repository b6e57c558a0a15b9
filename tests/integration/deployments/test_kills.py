"""A handful of kills under deliveries: the short form of `make drill`."""

import asyncio
from pathlib import Path
from uuid import uuid4

from deployments.catalogue import DEPLOYMENTS
from deployments.deploy.publishing import publish
from tests.night import open_night
from tests.night_checks import come_to_rest
from tests.night_parts import wait_until
from tests.prefect_fixtures import PrefectServer


def test_killed_receiver_and_worker_lose_nothing_that_was_acknowledged(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    quick = {
        "SYNC_WORK_POOL_NAME": f"kills-{uuid4().hex[:8]}",
        "SYNC_LINGER_SECONDS": "0.5",
        "SYNC_LEASE_SECONDS": "3",
        "SYNC_BUSY_TIMEOUT_SECONDS": "2",
    }
    api_url = prefect_server.api_url
    with open_night(tmp_path, products=20, api_url=api_url, tunables=quick) as night:
        # In this process, which has Prefect and the flows imported already.
        night.begin(deploy=lambda: asyncio.run(publish(night.settings, DEPLOYMENTS)))
        night.edit(10)
        wait_until(night.is_draining, "a drain to be at work")
        night.worker.kill()
        assert night.snipe_receiver(seconds=60)
        night.worker.start()
        night.receiver.start()
        wait_until(night.receiver_answers, night.receiver.last_words)
        night.receiver.kill()
        night.receiver.start()
        come_to_rest(night, "three kills", loses=True)
