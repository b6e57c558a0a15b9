"""`akeneo-sync up`."""

from cli.opening import read_settings
from deployments.up import run_up
from settings import read_environment


def run() -> int:
    """Run everything on this machine; the exit code is what the children's supervisor says."""
    return run_up(read_settings(use_demo=False), env=read_environment())
