"""Command `akeneo-sync up`: everything on one machine, in the foreground.

All is started side by side where that is possible, watched, and stopped in good order.
"""

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from deployments.messages import say
from deployments.prefect_env import child_environment
from deployments.up.demo import DEMO_HOST, PORT_DISTANCE, SHOP_FILE, Demo
from deployments.up.lock import FolderUnusable, RunsAlready, single_instance
from deployments.up.output import Output
from deployments.up.plan import Plan, server_spec
from deployments.up.ports import PortTaken, find_taker, free_port, require_ports
from deployments.up.supervisor import Child, ChildFailed, Supervisor
from deployments.up.watch import watch_over
from settings import Settings, published_demo
from storage import StoreError, migrate, open_store
from storage.state import has_reconciled

_HIGHEST_PORT = 65_535


def run_up(settings: Settings, *, env: Mapping[str, str]) -> int:
    """Run Prefect's server, worker, receiver, API, and without a PIM the simulator, until stopped.

    `env` is the environment that children inherit (ours is laid over it). Returns the exit code:
    0 after a clean stop (SIGINT, SIGTERM), 1 with one line on stderr where it could not be done.
    Does not import prefect.
    """
    try:
        with single_instance(settings.prefect_home / "up.lock"):
            return asyncio.run(_run(settings, env))
    except (RunsAlready, FolderUnusable) as error:
        say(f"akeneo-sync: {error}")
        return 1


async def _run(settings: Settings, env: Mapping[str, str]) -> int:
    return await Up(settings, env).run()  # made here: a supervisor belongs to a running loop


class Up:
    """One `up`: what runs, the terminal that all share, and what still stops it in good order."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._settings = settings
        self._env = env
        self._output = Output(as_json=settings.log_as_json)
        self._supervisor = Supervisor(self._output)
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Run everything until it is told to stop, or cannot go on; return the exit code."""
        with self._signals():
            try:
                problem = await self._serve()
                if problem is None:
                    self._output.say("stopping; again to end at once")
            finally:
                await self._supervisor.stop()
        if problem is not None:
            say(f"akeneo-sync: {problem}")
            return 1
        self._output.say("stopped; nothing is lost: what is due stays due")
        return 0

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """The first signal stops in good order, the second kills."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

        def handle() -> None:
            if self._stop.is_set():
                self._supervisor.kill()
            self._stop.set()

        for number in numbers:
            loop.add_signal_handler(number, handle)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    async def _serve(self) -> str | None:
        """Work until told to stop; return why it could not go on, None if it could."""
        works = (self._work(), self._supervisor.failure(), self._stop.wait())
        ends: list[asyncio.Task[Any]] = [asyncio.create_task(each) for each in works]
        done, others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._stop.is_set():
            return None
        for task in done:
            try:
                task.result()
            except StoreError as error:
                return error.advice
            except (ChildFailed, PortTaken) as error:
                return str(error)
        return None

    async def _work(self) -> None:
        """Bring everything up, then watch over it for ever.

        Raises:
            PortTaken: a port is somebody else's.
            StoreError: the store cannot be brought to this code's schema.
            ChildFailed: a child could not be started.
        """
        await require_ports(self._settings)
        self._output.say("starting; Ctrl-C stops everything")
        server = self._start_server()
        demo = await self._plan_demo()
        # `reconcile` in another terminal has another environment.
        told = published_demo(self._settings.root, demo.environment()) if demo else nullcontext()
        with told:
            await asyncio.to_thread(migrate, self._settings.database_url)
            plan = Plan(self._settings, self._env, demo=demo)
            has_api = await self._bring_up(plan, server)
            for line in plan.banner(with_api=has_api):
                self._output.say(line)
            await watch_over(plan, self._supervisor, self._output)

    def _start_server(self) -> Child | None:
        if self._settings.prefect_api_url is not None:
            self._output.say(f"using the Prefect server at {self._settings.prefect_api_url}")
            return None
        self._output.say("Prefect's server takes a moment, the first time up to 20 s")
        env = child_environment(self._settings, self._env)
        return self._supervisor.start(server_spec(self._settings, env))

    async def _plan_demo(self) -> Demo | None:
        """Return the simulated PIM where none is configured; the others are told where it is."""
        if self._settings.source is not None:
            return None
        self._output.say("no AKENEO_BASE_URL is set: the simulator plays a shop's PIM")
        return Demo(
            port=await _demo_port(self._settings),
            receiver_url=self._settings.local_url,
            shop=self._settings.root / SHOP_FILE,
        )

    async def _bring_up(self, plan: Plan, server: Child | None) -> bool:
        """Start the others, side by side where that is possible; return when all is ready.

        Answers whether the read API is among them.
        """
        # Alone beside Prefect's server: until it answers, deliveries are lost.
        await self._supervisor.start(plan.receiver()).is_ready.wait()
        if plan.demo is not None:
            await self._start_simulator(plan, plan.demo)
        self._supervisor.start(plan.worker())
        api = await self._start_api(plan)
        prepared = asyncio.create_task(self._supervisor.run_once(plan.preparing()))
        if api is not None:
            await api.is_ready.wait()
        if server is not None:
            await server.is_ready.wait()
        await prepared
        return api is not None

    async def _start_api(self, plan: Plan) -> Child | None:
        """Start the read API, but where nobody asked for it and its port is somebody else's."""
        api = self._settings.api
        if not api.is_chosen and await find_taker(api.host, api.port) is not None:
            self._output.say(
                f"no read API: port {api.port} is taken; set SYNC_API_PORT to have it elsewhere"
            )
            return None
        return self._supervisor.start(plan.api())

    async def _start_simulator(self, plan: Plan, demo: Demo) -> None:
        before = _file_number(demo.shop)
        await self._supervisor.start(plan.simulator(demo)).is_ready.wait()
        begins_anew = before is None or before != _file_number(demo.shop)
        if begins_anew and await asyncio.to_thread(_has_reconciled, self._settings.database_url):
            self._output.say(
                "the demo's shop begins anew, and the store is of a former one: what only that had "
                "waits as held deletions, see `akeneo-sync status`; to begin anew with the store, "
                f"too, stop, remove {self._settings.database_label} and start again"
            )


def _has_reconciled(database_url: str) -> bool:
    with closing(open_store(database_url)) as store, store.read() as tx:
        return has_reconciled(tx)


def _file_number(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


async def _demo_port(settings: Settings) -> int:
    """Return a port beside the receiver's, the same at each start: documents name it in links."""
    wanted = settings.port + PORT_DISTANCE
    if (
        wanted > _HIGHEST_PORT
        or wanted == settings.prefect_server_port
        or await find_taker(DEMO_HOST, wanted) is not None
    ):
        return free_port(DEMO_HOST)
    return wanted
