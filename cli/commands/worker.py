"""`akeneo-sync worker`."""

from cli.opening import read_settings
from deployments.worker import run_worker


def run() -> int:
    """Run a worker until it is stopped."""
    return run_worker(read_settings())
