"""Work pool in which all our runs are: created, and kept of the wanted type."""

import json
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import WorkPool
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.workers.base import BaseWorker

from deployments.messages import DeployError
from deployments.worker import warm_worker

_DESCRIPTION = "Runs of akeneo-sync. Pausing it pauses the sync; events wait, nothing is lost."


async def ensure_pool(client: PrefectClient, name: str, kind: str) -> None:
    """Create the work pool, or bring it to the type `kind`; its pause is kept.

    Prefect cannot change a pool's type, so a pool of another type is replaced; it must be idle.

    Raises:
        DeployError: no worker of that type is known here, or the pool to be replaced is in use.
    """
    template = _template(kind)
    found = await _read(client, name)
    if found is not None and found.type != kind:
        await _refuse_if_used(client, found, kind)
        await client.delete_work_pool(name)
        await _create(client, name, kind, template, paused=found.is_paused)
    elif found is None:
        await _create(client, name, kind, template, paused=False)
    elif kind == warm_worker.WORKER_TYPE and _differs(found, template):
        # Only the warm pool's form is ours; another type's may be a person's own work.
        update = WorkPoolUpdate(description=_DESCRIPTION, base_job_template=template)
        await client.update_work_pool(name, update)


def _template(kind: str) -> dict[str, Any]:
    worker = BaseWorker[Any, Any, Any].get_worker_class_from_type(kind)
    if worker is None:
        known = ", ".join(sorted(BaseWorker[Any, Any, Any].get_all_available_worker_types()))
        raise DeployError(
            f"SYNC_WORK_POOL_TYPE is {kind}, and no worker of that type is installed; "
            f"there are: {known}"
        )
    return worker.get_default_base_job_template()


async def _read(client: PrefectClient, name: str) -> WorkPool | None:
    try:
        return await client.read_work_pool(name)
    except ObjectNotFound:
        return None


async def _create(
    client: PrefectClient, name: str, kind: str, template: dict[str, Any], *, paused: bool
) -> None:
    wanted = WorkPoolCreate(
        name=name,
        type=kind,
        description=_DESCRIPTION,
        base_job_template=template,
        is_paused=paused,
    )
    try:
        await client.create_work_pool(wanted)
    except ObjectAlreadyExists:
        return  # another `deploy`, at the same moment


async def _refuse_if_used(client: PrefectClient, pool: WorkPool, kind: str) -> None:
    workers = await client.read_workers_for_work_pool(pool.name)
    online = [worker.name for worker in workers if worker.status == "ONLINE"]
    if online:
        raise DeployError(
            f"work pool {pool.name} is of type {pool.type} and in use by {', '.join(online)}; "
            f"stop that worker before the pool becomes {kind}, or set SYNC_WORK_POOL_NAME"
        )


def _differs(found: WorkPool, template: dict[str, Any]) -> bool:
    texts = [json.dumps(each, sort_keys=True) for each in (found.base_job_template, template)]
    return texts[0] != texts[1] or found.description != _DESCRIPTION
