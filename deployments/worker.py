"""`akeneo-sync worker`: run what Prefect schedules in our work pool."""

from settings import Settings


def run_worker(settings: Settings) -> int:
    """Run the worker of the configured work pool type until SIGINT or SIGTERM; 0 when clean.

    The type `akeneo-sync-warm` runs flows inside this process; any other type that Prefect knows
    (`process`, say) starts Prefect's own worker. Waits a while for the server and the work pool.
    Problems are said in one line on stderr, and 1 is returned. Imports prefect.
    """
    raise NotImplementedError(settings)
