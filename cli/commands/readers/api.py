"""`akeneo-sync api`."""

from api import run_api
from cli.opening import read_settings


def run() -> int:
    """Serve reads until it is stopped."""
    return run_api(read_settings())
