"""Plan of the children: their command lines, environments, addresses, and when each is ready."""

from collections.abc import Mapping
from dataclasses import replace

from deployments.messages import WORKER_READY
from deployments.prefect_env import child_environment, prefect_api_url
from deployments.up.demo import EVENTS_PATH, PLATFORM_PATH, Demo
from deployments.up.ports import answers_ok
from deployments.up.supervisor import ChildSpec
from settings import Settings

_WORKER_START_SECONDS = 360.0
_WORKER_STOP_SECONDS = 15.0  # its runs have 7 s to end, and their reports take a moment


class Plan:
    """What `up` runs; with a `demo`, that is the PIM which the others are told of."""

    def __init__(self, settings: Settings, env: Mapping[str, str], *, demo: Demo | None) -> None:
        self.settings = settings
        self.demo = demo
        told = demo.environment() if demo else {}
        self.env = {**child_environment(settings, env), **told, "PYTHONUNBUFFERED": "1"}

    def simulator(self, demo: Demo) -> ChildSpec:
        """Return the demo's PIM. Stopped first, so that no delivery goes astray."""
        spec = self._command("simulator", *demo.arguments(), stop_rank=0)
        env = {**self.env, **demo.simulator_environment()}
        return replace(spec, env=env, announced=demo.base_url)

    def receiver(self) -> ChildSpec:
        """Return the receiver, ready when it answers.

        Stopped after the worker, which may take long: what comes meanwhile is stored and stays due.
        """
        url = f"{self.settings.local_url}/livez"

        async def ready() -> bool:
            return await answers_ok(url)

        return replace(self._command("receiver", stop_rank=3), ready=ready)

    def api(self) -> ChildSpec:
        """Return the read API, ready when it answers."""
        url = f"{self.settings.api.local_url}/livez"

        async def ready() -> bool:
            return await answers_ok(url)

        return replace(self._command("api", stop_rank=1), ready=ready)

    def worker(self) -> ChildSpec:
        """Return the worker, ready when it says so."""
        return replace(
            self._command("worker", stop_rank=2),
            announced=WORKER_READY,
            # It waits for the Prefect server, and says in the end that there is none.
            start_seconds=_WORKER_START_SECONDS,
            stop_seconds=_WORKER_STOP_SECONDS,
        )

    def preparing(self) -> ChildSpec:
        """Return the work on a Prefect server that has just been started, or has lost us."""
        spec = self._command("deploy", stop_rank=4)
        return replace(spec, module="deployments.deploy.preparing", arguments=())

    def banner(self, *, with_api: bool = True) -> list[str]:
        """Return where everything is, and what happens now."""
        demo = self.demo
        lines = [
            "everything is up:",
            f"  Prefect UI     {prefect_api_url(self.settings).removesuffix('/api')}",
            f"  receiver       {self.settings.local_url}{EVENTS_PATH}",
            f"                 {self.settings.local_url}{PLATFORM_PATH}",
        ]
        if with_api:
            url = self.settings.api.local_url
            lines.append(f"  read API       {url}  (`akeneo-sync tokens create NAME`)")
        if demo is not None:
            lines.append(f"  simulated PIM  {demo.base_url}  (no AKENEO_BASE_URL is set: a demo)")
        lines.append(f"  store          {self.settings.database_label}")
        lines.append("now: deliveries are stored and answered; each starts or feeds a drain,")
        lines.append("     which reads the products from the PIM and writes what is newer")
        return lines

    def _command(self, name: str, *arguments: str, stop_rank: int) -> ChildSpec:
        return ChildSpec(
            name=name,
            module="cli.main",
            arguments=arguments or (name,),
            env=self.env,
            folder=self.settings.root,
            stop_rank=stop_rank,
        )


def server_spec(settings: Settings, env: Mapping[str, str]) -> ChildSpec:
    """Return Prefect's server as a child; its data is in the settings' `prefect_home`."""

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
