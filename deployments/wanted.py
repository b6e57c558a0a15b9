"""A declared deployment in Prefect's terms."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, assert_never

from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from deployments.catalogue import Cron, DeploymentSpec, Every
from deployments.deploy import DeployError
from deployments.flow_loading import FlowCache

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
    form = flow.parameters.model_dump_for_openapi()
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
