"""A declared deployment in Prefect's terms."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never, get_type_hints

from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from pydantic.fields import FieldInfo

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
