"""Flows by their entrypoint, loaded once.

Only module paths inside our own package: what a deployment names is run inside the worker, with
its credentials.
"""

import importlib
from collections.abc import Sequence
from typing import Any

from prefect.flows import Flow
from prefect.settings import get_current_settings


class UnknownEntrypoint(Exception):  # noqa: N818 - named like the problem
    """The deployment's entrypoint is not a flow that this worker runs."""


class FlowCache:
    """The flows of some packages. Safe to use from several threads."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = tuple(packages)
        self._flows: dict[str, Flow[..., Any]] = {}

    def load(self, entrypoint: str | None) -> Flow[..., Any]:
        """Return the flow at `package.module.name`, importing its module the first time.

        Raises:
            UnknownEntrypoint: it lies elsewhere, is not there, or is no async flow.
        """
        if not entrypoint:
            raise UnknownEntrypoint("the run's deployment names no flow")
        if entrypoint not in self._flows:
            self._flows[entrypoint] = self._import(entrypoint)
        return self._flows[entrypoint]

    def _import(self, entrypoint: str) -> Flow[..., Any]:
        module, _, name = entrypoint.rpartition(".")
        if not any(f"{module}.".startswith(f"{package}.") for package in self._packages):
            raise UnknownEntrypoint(
                f"{entrypoint} is not in {' or '.join(self._packages)}; "
                "a deployment of another project needs a work pool of its own"
            )
        try:
            flow = getattr(importlib.import_module(module), name, None)
        except ImportError as error:
            raise UnknownEntrypoint(f"{entrypoint} cannot be imported: {error}") from error
        if not isinstance(flow, Flow) or not flow.isasync or flow.isgenerator:
            raise UnknownEntrypoint(f"{entrypoint} is not an async flow")
        # Results are not kept: the store is the result. Said here, once, because Prefect otherwise
        # asks the server at each start of a run, blocking, and leaves the connections open.
        storage = get_current_settings().results.local_storage_path
        return flow.with_options(persist_result=False, result_storage=storage)
