"""The children of `up`: their command lines, environments and addresses."""

from collections.abc import Mapping
from dataclasses import replace

from deployments.children import ChildSpec
from deployments.demo import DEMO_HOST, EVENTS_PATH, PREFERRED_PORT, Demo
from deployments.health import accepts, answers_ok
from deployments.ports import free_port, is_free
from deployments.prefect_env import child_environment, prefect_api_url
from deployments.preparing import RECONCILE
from settings import Settings

_WORKER_STOP_SECONDS = 15.0  # its runs have 7 s to end, and their reports take a moment


class Plan:
    """The children, with their environment and addresses."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self.settings = settings
        self.demo = _plan_demo(settings)
        demo = self.demo.environment() if self.demo else {}
        own = child_environment(settings, env)
        self.env = {**own, **demo, "PYTHONUNBUFFERED": "1"}

    def command(self, name: str, *arguments: str, stop_seconds: float = 10.0) -> ChildSpec:
        """Return a command of ours as a child."""
        return ChildSpec(
            name=name,
            module="cli.main",
            arguments=arguments or (name,),
            env=self.env,
            folder=self.settings.root,
            stop_seconds=stop_seconds,
        )

    def worker(self) -> ChildSpec:
        """Return the worker."""
        return self.command("worker", stop_seconds=_WORKER_STOP_SECONDS)

    def preparing(self) -> ChildSpec:
        """Return the one-time work on the Prefect server."""
        # The demo's PIM has forgotten its edits since the last time: compare at each start.
        arguments = (RECONCILE,) if self.demo else ()
        return replace(self.command("deploy"), module="deployments.preparing", arguments=arguments)

    def receiver(self) -> ChildSpec:
        """Return the receiver, ready when it answers."""
        url = f"{self.receiver_url}/livez"

        async def ready() -> bool:
            return await answers_ok(url)

        return replace(self.command("receiver"), ready=ready)

    def simulator(self, demo: Demo) -> ChildSpec:
        """Return the demo's PIM, ready when it listens."""

        async def ready() -> bool:
            return await accepts(demo.host, demo.port)

        return replace(self.command("simulator", *demo.arguments()), ready=ready)

    @property
    def receiver_url(self) -> str:
        """Return the receiver's address as seen from this machine."""
        return _local_url(self.settings)

    def banner(self) -> list[str]:
        """Return where everything is, and what happens now."""
        demo = self.demo
        lines = [
            "everything is up:",
            f"  Prefect UI     {prefect_api_url(self.settings).removesuffix('/api')}",
            f"  receiver       {self.receiver_url}{EVENTS_PATH}",
        ]
        if demo is not None:
            lines.append(f"  simulated PIM  {demo.base_url}  (no AKENEO_BASE_URL is set: a demo)")
        lines.append(f"  store          {self.settings.database_label}")
        lines.append("now: deliveries are stored and answered; each starts or feeds a drain,")
        lines.append("     which reads the products from the PIM and writes what is newer")
        return lines


def _plan_demo(settings: Settings) -> Demo | None:
    if settings.source is not None:
        return None
    port = PREFERRED_PORT if is_free(DEMO_HOST, PREFERRED_PORT) else free_port(DEMO_HOST)
    return Demo(port=port, webhook_url=f"{_local_url(settings)}{EVENTS_PATH}")


def _local_url(settings: Settings) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the user's choice, not ours
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
