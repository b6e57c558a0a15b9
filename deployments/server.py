"""The Prefect server that `up` runs when the user has none: a foreground child on this machine."""

from collections.abc import Mapping

from deployments.children import ChildSpec
from deployments.health import answers_ok
from deployments.ports import find_taker
from deployments.prefect_env import SERVER_HOST, prefect_api_url
from settings import Settings


class PortTaken(Exception):  # noqa: N818 - named like the fact
    """A port is somebody else's; the message is one line with the cure."""


def server_spec(settings: Settings, env: Mapping[str, str]) -> ChildSpec:
    """Return the server as a child; its data is in the settings' `prefect_home`."""

    async def ready() -> bool:
        return await answers_ok(f"{prefect_api_url(settings)}/health")

    return ChildSpec(
        name="prefect",
        module="deployments.prefect_server",
        # Not --background: that leaves a server behind that nobody supervises.
        arguments=("server", "start"),
        env=env,
        folder=settings.root,
        stop_rank=9,  # last: the others report to it
        ready=ready,
        # To end it in the middle of making its database would only begin that again.
        start_seconds=300.0,
    )


async def require_ports(settings: Settings) -> None:
    """Wait a moment for ports that a killed predecessor still holds.

    Raises:
        PortTaken: somebody else has one of them.
    """
    if settings.prefect_api_url is None:
        port = settings.prefect_server_port
        await _require(
            SERVER_HOST,
            port,
            "Prefect's server",
            "set PREFECT_SERVER_API_PORT to another port, or, if that is a Prefect server to be "
            f"used, PREFECT_API_URL=http://{SERVER_HOST}:{port}/api",
        )
    await _require(settings.host, settings.port, "the receiver", "set SYNC_PORT to another port")


async def _require(host: str, port: int, purpose: str, cure: str) -> None:
    taker = await find_taker(host, port)
    if taker is not None:
        raise PortTaken(f"port {port}, for {purpose}, is taken{taker}; stop that, or {cure}")
