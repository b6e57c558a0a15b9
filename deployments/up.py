"""`akeneo-sync up`: everything on one machine, in the foreground."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Mapping

from deployments.children import ChildFailed
from deployments.instance import FolderUnusable, RunsAlready, single_instance
from deployments.output import Output
from deployments.saying import say
from deployments.server import PortTaken
from deployments.supervisor import Supervisor
from deployments.tending import tend
from deployments.together import bring_up
from settings import Settings
from storage import StoreError


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
            await tend(plan, supervisor, output)

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
