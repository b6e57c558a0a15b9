"""No secret in what Prefect keeps of a run: its state's message, its artifacts, its logs."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from prefect.client.schemas.objects import State

from settings import Settings, install_masking, load_settings, mask, masked_errors

P = ParamSpec("P")
R = TypeVar("R")


def read_run_settings() -> Settings:
    """Read the settings in a flow run's process, and mask their secrets from then on."""
    settings = load_settings()
    install_masking(settings)
    return settings


def masked(call: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Wrap the body of a flow or task: what it raises or answers shows no secret.

    Prefect writes an exception's text into the run's state, and that into its history.
    """

    @functools.wraps(call)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with masked_errors():
            answer = await call(*args, **kwargs)
        if isinstance(answer, State) and answer.message is not None:
            answer.message = mask(answer.message)
        return answer

    return run
