"""What `up` starts, in which order, and what it says about it."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from deployments.children import Child
from deployments.demo import DEMO_HOST, EVENTS_PATH, PORT_DISTANCE, SHOP_FILE, Demo
from deployments.output import Output
from deployments.plan import Plan, has_reconciled, local_url
from deployments.ports import find_taker, free_port
from deployments.prefect_env import child_environment
from deployments.server import require_ports, server_spec
from deployments.supervisor import Supervisor
from settings import Settings, published_demo
from storage import migrate

_HIGHEST_PORT = 65_535


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
