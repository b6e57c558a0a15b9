"""Command `akeneo-sync up`: everything on one machine, in the foreground.

All is started side by side where that is possible, watched, and stopped in good order.
"""

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from deployments.messages import say
from deployments.prefect_env import child_environment
from deployments.up.demo import DEMO_HOST, EVENTS_PATH, PORT_DISTANCE, SHOP_FILE, Demo
from deployments.up.lock import FolderUnusable, RunsAlready, single_instance
from deployments.up.output import Output
from deployments.up.plan import Plan, has_reconciled, local_url, server_spec
from deployments.up.ports import PortTaken, find_taker, free_port, require_ports
from deployments.up.supervisor import Child, ChildFailed, Supervisor
from deployments.up.watch import watch_over
from settings import Settings, published_demo
from storage import StoreError, migrate

_HIGHEST_PORT = 65_535


def run_up(settings: Settings, *, env: Mapping[str, str]) -> int:
    """Run the Prefect server, worker, receiver, and without a PIM the simulator, until stopped.

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
    output = Output(as_json=settings.log_as_json)
    supervisor = Supervisor(output)
    stop = asyncio.Event()
    with _signals(stop, supervisor):
        try:
            problem = await _serve(settings, env, supervisor, output, stop)
            if problem is None:
                output.say("stopping; again to end at once")
        finally:
            await supervisor.stop()
    if problem is not None:
        say(f"akeneo-sync: {problem}")
        return 1
    output.say("stopped; nothing is lost: what is due stays due")
    return 0


async def _serve(
    settings: Settings,
    env: Mapping[str, str],
    supervisor: Supervisor,
    output: Output,
    stop: asyncio.Event,
) -> str | None:
    """Bring everything up and wait for `stop`; return why it could not go on, None if it could."""

    async def work() -> None:
        with contextlib.ExitStack() as until_stopped:
            plan = await bring_up(settings, env, supervisor, output, until_stopped)
            await watch_over(plan, supervisor, output)

    ends = [asyncio.create_task(each) for each in (work(), supervisor.failure(), _wait(stop))]
    done, others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    if stop.is_set():
        return None
    for task in done:
        try:
            task.result()
        except StoreError as error:
            return error.advice
        except (ChildFailed, PortTaken) as error:
            return str(error)
    return None


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


@contextlib.contextmanager
def _signals(stop: asyncio.Event, supervisor: Supervisor) -> Iterator[None]:
    """The first signal stops in good order, the second kills."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def handle() -> None:
        if stop.is_set():
            supervisor.kill()
        stop.set()

    for number in numbers:
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def bring_up(
    settings: Settings,
    env: Mapping[str, str],
    supervisor: Supervisor,
    output: Output,
    until_stopped: ExitStack,
) -> Plan:
    """Start everything, side by side where that is possible; return when all is ready, and how.

    What must hold as long as everything runs is entered into `until_stopped`.

    Raises:
        PortTaken: a port is somebody else's.
        StoreError: the store cannot be brought to this code's schema.
        ChildFailed: a child could not be started.
    """
    await require_ports(settings)
    output.say("starting; Ctrl-C stops everything")
    server = _start_server(settings, env, supervisor, output)
    demo = await _plan_demo(settings, output)
    if demo is not None:
        # `reconcile` in another terminal has another environment.
        until_stopped.enter_context(published_demo(settings.root, demo.environment()))
    await asyncio.to_thread(migrate, settings.database_url)
    plan = Plan(settings, env, demo=demo)
    receiver = supervisor.start(plan.receiver())
    if demo is not None:
        # It edits from its first moment: what it tells must find somebody.
        await receiver.is_ready.wait()
        await _start_simulator(plan, demo, supervisor, output)
    supervisor.start(plan.worker())
    prepared = asyncio.create_task(supervisor.run_once(plan.preparing()))
    await receiver.is_ready.wait()
    if server is not None:
        await server.is_ready.wait()
    await prepared
    for line in plan.banner():
        output.say(line)
    return plan


def _start_server(
    settings: Settings, env: Mapping[str, str], supervisor: Supervisor, output: Output
) -> Child | None:
    if settings.prefect_api_url is not None:
        output.say(f"using the Prefect server at {settings.prefect_api_url}")
        return None
    output.say("Prefect's server takes a moment, the first time up to 20 s")
    return supervisor.start(server_spec(settings, child_environment(settings, env)))


async def _plan_demo(settings: Settings, output: Output) -> Demo | None:
    """Return the simulated PIM where none is configured; the others are told where it is."""
    if settings.source is not None:
        return None
    output.say("no AKENEO_BASE_URL is set: the simulator plays a shop's PIM")
    return Demo(
        port=await _demo_port(settings),
        webhook_url=f"{local_url(settings)}{EVENTS_PATH}",
        shop=settings.root / SHOP_FILE,
    )


async def _start_simulator(plan: Plan, demo: Demo, supervisor: Supervisor, output: Output) -> None:
    before = _file_number(demo.shop)
    await supervisor.start(plan.simulator(demo)).is_ready.wait()
    begins_anew = before is None or before != _file_number(demo.shop)
    if begins_anew and await asyncio.to_thread(has_reconciled, plan.settings):
        output.say(
            "the demo's shop begins anew, and the store is of a former one: what only that had "
            "waits as held deletions, see `akeneo-sync status`; to begin anew with the store, too, "
            f"stop, remove {plan.settings.database_label} and start again"
        )


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
