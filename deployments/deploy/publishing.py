"""Publication of the catalogue: each deployment in Prefect's terms, created, updated, removed.

Imports Prefect, and the flows.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never, get_type_hints
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
)
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectNotFound
from pydantic.fields import FieldInfo

from deployments.catalogue import OUR_TAG, Cron, DeploymentSpec, Every
from deployments.deploy.automation import install_automation
from deployments.deploy.pool import ensure_pool
from deployments.flow_loading import FlowCache
from deployments.messages import DeployError, DeployReport
from deployments.prefect_client import QuickClientContext
from deployments.prefect_env import prefect_api_url
from settings import Settings

AnySchedule = CronSchedule | IntervalSchedule


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deployment as it is to be. `version` is a fingerprint of all of it.

    Comparing fingerprints, and not fields, leaves alone what a person changed in Prefect's UI (a
    paused schedule, another hour) until the catalogue itself changes.
    """

    spec: DeploymentSpec
    parameter_form: dict[str, Any]
    schedules: tuple[AnySchedule, ...]
    version: str


def describe_deployment(spec: DeploymentSpec, flows: FlowCache) -> Wanted:
    """Load the flow of `spec`, and work out the form of its parameters and its schedules.

    Raises:
        DeployError: the entrypoint is another flow than `spec` says.
    """
    flow = flows.load(spec.entrypoint)
    if flow.name != spec.flow_name:
        raise DeployError(f"{spec.entrypoint} is the flow {flow.name}, not {spec.flow_name}")
    form = _describe_parameters(flow.parameters.model_dump_for_openapi(), flow.fn)
    facts = {
        "entrypoint": spec.entrypoint,
        "description": spec.description,
        "tags": spec.tags,
        "parameters": dict(spec.parameters),
        "form": form,
        "schedule": repr(spec.schedule),
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Wanted(spec, form, _schedules(spec), version)


def _describe_parameters(form: dict[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """Add the descriptions of `Annotated[..., Field(description=…)]`; Prefect reads docstrings."""
    for name, annotation in get_type_hints(function, include_extras=True).items():
        for note in getattr(annotation, "__metadata__", ()):
            if isinstance(note, FieldInfo) and name in form["properties"]:
                form["properties"][name].setdefault("description", note.description)
    return form


def _schedules(spec: DeploymentSpec) -> tuple[AnySchedule, ...]:
    match spec.schedule:
        case None:
            return ()
        case Cron(line=line):
            return (CronSchedule(cron=line, timezone="UTC"),)
        case Every(interval=interval):
            return (IntervalSchedule(interval=interval, timezone="UTC"),)
        case _:
            assert_never(spec.schedule)


async def publish(
    settings: Settings, specs: Sequence[DeploymentSpec], *, packages: Sequence[str] = ("flows",)
) -> DeployReport:
    """Create, update and remove until the server holds exactly `specs`, in the settings' pool.

    Raises:
        DeployError: the server cannot be reached, or refuses.
    """
    flows = FlowCache(packages)
    wanted = [describe_deployment(spec, flows) for spec in specs]
    api_url = prefect_api_url(settings)
    try:
        async with QuickClientContext(api_url), get_client() as client:
            await ensure_pool(client, settings.work_pool_name, settings.work_pool_type)
            return await _publish_all(client, settings.work_pool_name, wanted)
    except httpx.TransportError as error:
        raise DeployError(
            f"no Prefect server answers at {api_url} ({error!r}); start one with "
            "`akeneo-sync up`, or set PREFECT_API_URL"
        ) from error
    except httpx.HTTPError as error:
        raise DeployError(f"the Prefect server at {api_url} refused: {error}") from error


async def _publish_all(client: PrefectClient, pool: str, wanted: Sequence[Wanted]) -> DeployReport:
    created, updated, unchanged, ids = [], [], [], []
    for each in wanted:
        found = await _read(client, each.spec.full_name)
        if found is None:
            ids.append(await _create(client, pool, each))
            created.append(each.spec.full_name)
            continue
        ids.append(found.id)
        if found.version == each.version and found.work_pool_name == pool:
            unchanged.append(each.spec.full_name)
        else:
            await client.update_deployment(found.id, _update(pool, each))
            updated.append(each.spec.full_name)
    removed = await _remove_others(client, keep=ids)
    automation = await install_automation(client, ids)
    return DeployReport(
        work_pool=pool,
        created=tuple(created),
        updated=tuple(updated),
        unchanged=tuple(unchanged),
        removed=removed,
        automation_changed=automation,
    )


async def _read(client: PrefectClient, full_name: str) -> DeploymentResponse | None:
    try:
        return await client.read_deployment_by_name(full_name)
    except ObjectNotFound:
        return None


async def _create(client: PrefectClient, pool: str, wanted: Wanted) -> UUID:
    return await client.create_deployment(
        await client.create_flow_from_name(wanted.spec.flow_name),
        name=wanted.spec.name,
        schedules=[DeploymentScheduleCreate(schedule=each) for each in wanted.schedules],
        **_terms(pool, wanted),
    )


def _update(pool: str, wanted: Wanted) -> DeploymentUpdate:
    return DeploymentUpdate(
        schedules=[DeploymentScheduleUpdate(schedule=each) for each in wanted.schedules],
        **_terms(pool, wanted),
    )


def _terms(pool: str, wanted: Wanted) -> dict[str, Any]:
    """What a deployment is made with, and brought to later."""
    spec = wanted.spec
    return {
        "version": wanted.version,
        "parameters": dict(spec.parameters),
        "description": spec.description,
        "work_pool_name": pool,
        "tags": list(spec.tags),
        "entrypoint": spec.entrypoint,
        "parameter_openapi_schema": wanted.parameter_form,
        "enforce_parameter_schema": True,
    }


async def _remove_others(client: PrefectClient, *, keep: Sequence[UUID]) -> tuple[str, ...]:
    ours = await client.read_deployments(
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[OUR_TAG]))
    )
    stale = [each for each in ours if each.id not in keep]
    for each in stale:
        await client.delete_deployment(each.id)
    return tuple(sorted(each.name for each in stale))
