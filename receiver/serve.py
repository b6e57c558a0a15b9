"""`akeneo-sync receiver`: the composition root of the intake."""

from settings import Settings


def run_receiver(settings: Settings) -> int:
    """Serve deliveries in the foreground until SIGINT or SIGTERM; 0 after a clean stop.

    Problems (no webhook secret, no store, port taken) are one line on stderr and 1. Imports
    prefect: `deployments.prefect_env.apply_prefect_environment` must have been called before.
    """
    raise NotImplementedError(settings)
