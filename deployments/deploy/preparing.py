"""Process entry: preparation of a Prefect server that answers, with `first_start`.

A child process of `up`, so that `up` itself need not carry Prefect. It imports Prefect and the
flows while the server is still starting, which is most of the work; and nothing of the room `up`.
"""

import asyncio
import sys

from deployments.messages import DeployError, say
from deployments.prefect_env import apply_prefect_environment
from settings import install_masking, load_settings


def main() -> int:
    """Prepare the server; 1 and one line where it cannot be done."""
    settings = load_settings()
    install_masking(settings)
    apply_prefect_environment(settings)
    from deployments.deploy.first_start import prepare_server  # noqa: PLC0415 - prefect reads its environment now

    try:
        asyncio.run(prepare_server(settings))
    except DeployError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
