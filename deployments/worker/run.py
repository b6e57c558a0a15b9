"""Command `akeneo-sync worker`: a worker of our work pool runs what Prefect schedules."""

import asyncio
import logging

from deployments.messages import WorkerError, say
from deployments.prefect_env import apply_prefect_environment
from settings import Settings

_OUR_LOGGERS = ("deployments", "flows", "pim", "storage")


def run_worker(settings: Settings) -> int:
    """Run the worker of the configured work pool type until SIGINT or SIGTERM; 0 when clean.

    The type `akeneo-sync-warm` runs flows inside this process; any other type that Prefect knows
    (`process`, say) starts Prefect's own worker. Waits a while for the server and the work pool.
    Problems are said in one line on stderr, and 1 is returned. Imports prefect.
    """
    apply_prefect_environment(settings)
    from deployments.worker.serving import serve_worker  # noqa: PLC0415 - prefect reads its environment now

    set_levels(settings)

    try:
        asyncio.run(serve_worker(settings))
    except WorkerError as error:
        say(str(error))
        return 1
    return 0


def set_levels(settings: Settings) -> None:
    """Let our own loggers say what they have to: Prefect's root logger passes warnings only."""
    for name in _OUR_LOGGERS:
        logging.getLogger(name).setLevel(settings.log_level)
