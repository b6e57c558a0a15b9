"""What `up` starts, in which order, and what it says about it."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack

from deployments.children import Child
from deployments.demo import DEMO_HOST, EVENTS_PATH, PORT_DISTANCE, Demo
from deployments.output import Output
from deployments.plan import Plan, local_url
from deployments.ports import free_port, is_free
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
    migrated = asyncio.create_task(asyncio.to_thread(migrate, settings.database_url))
    demo = await _start_demo(settings, env, supervisor, output)
    if demo is not None:
        # `reconcile` in another terminal has another environment.
        until_stopped.enter_context(published_demo(settings.root, demo.environment()))
    await migrated
    plan = Plan(settings, env, demo=demo)
    supervisor.start(plan.worker())
    receiver = supervisor.start(plan.receiver())
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


async def _start_demo(
    settings: Settings, env: Mapping[str, str], supervisor: Supervisor, output: Output
) -> Demo | None:
    """Start the simulated PIM where none is configured; the others are told where it is."""
    if settings.source is not None:
        return None
    port = _demo_port(settings)
    demo = Demo(port=port, webhook_url=f"{local_url(settings)}{EVENTS_PATH}")
    output.say("no AKENEO_BASE_URL is set: the simulator plays a shop's PIM")
    # Its first deliveries find nobody; the reconcile that a demo begins with makes up for it.
    await supervisor.start(Plan(settings, env, demo=demo).simulator(demo)).is_ready.wait()
    return demo


def _demo_port(settings: Settings) -> int:
    wanted = settings.port + PORT_DISTANCE
    if (
        wanted > _HIGHEST_PORT
        or wanted == settings.prefect_server_port
        or not is_free(DEMO_HOST, wanted)
    ):
        return free_port(DEMO_HOST)
    return wanted
