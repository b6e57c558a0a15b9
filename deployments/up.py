"""`akeneo-sync up`: everything on one machine, in the foreground."""

from collections.abc import Mapping

from settings import Settings


def run_up(settings: Settings, *, env: Mapping[str, str]) -> int:
    """Run the Prefect server, worker, receiver, and without a PIM the simulator, until stopped.

    `env` is the environment that children inherit (ours is laid over it). Returns the exit code:
    0 after a clean stop (SIGINT, SIGTERM), 1 with one line on stderr where it could not be done.
    Does not import prefect.
    """
    raise NotImplementedError(settings, env)
