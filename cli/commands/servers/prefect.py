"""`akeneo-sync prefect`."""

from typing import Annotated

import typer

from cli.opening import read_settings
from deployments.prefect_server import run_prefect_server


def run(
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 is every one of this machine.")
    ] = "127.0.0.1",
) -> int:
    """Serve Prefect's API and UI until it is stopped."""
    return run_prefect_server(read_settings(), host=host)
