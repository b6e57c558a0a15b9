"""`akeneo-sync receiver`."""

from cli.opening import read_settings
from deployments.prefect_env import apply_prefect_environment


def run() -> int:
    """Serve deliveries until it is stopped."""
    settings = read_settings()
    apply_prefect_environment(settings)
    # Only now: the receiver's trigger imports Prefect, which reads its settings at that moment.
    from receiver import run_receiver  # noqa: PLC0415

    return run_receiver(settings)
