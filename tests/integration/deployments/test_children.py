"""Children of `up`: real processes, of modules of the standard library."""

import asyncio
import io
import os
import socket
import sys
from pathlib import Path

import pytest

from deployments.up.output import Output
from deployments.up.ports import answers_ok, find_holder, free_port, is_free, wait_until_free
from deployments.up.supervisor import Child, ChildFailed, ChildSpec, Supervisor

pytestmark = pytest.mark.anyio


def spec(tmp_path: Path, module: str, *arguments: str, port: int = 0) -> ChildSpec:
    async def ready() -> bool:
        return not is_free("127.0.0.1", port)

    env = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    probe = ready if port else None
    return ChildSpec(module, module, arguments, env, tmp_path, stop_rank=0, ready=probe)


async def test_child_that_never_got_ready_is_a_failure_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(Output(io.StringIO()))
    supervisor.start(spec(tmp_path, "json.tool", str(tmp_path / "missing.json"), port=1))
    with pytest.raises(ChildFailed, match=r"json.tool ended \(exit \d\): .*missing.json"):
        await supervisor.failure()
    await supervisor.stop()


async def test_child_is_ready_when_it_answers_and_gone_after_stop(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    supervisor = Supervisor(Output(io.StringIO()))
    server = spec(tmp_path, "http.server", "--bind", "127.0.0.1", str(port), port=port)
    await supervisor.start(server).is_ready.wait()
    assert await answers_ok(f"http://127.0.0.1:{port}/")
    assert not await answers_ok(f"http://127.0.0.1:{port}/missing")
    await supervisor.stop()
    assert is_free("127.0.0.1", port)


async def test_child_ends_when_the_pipe_to_its_parent_breaks(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    reading, writing = os.pipe()
    server = spec(tmp_path, "http.server", "--bind", "127.0.0.1", str(port), port=port)
    child = Child(server, lifeline=reading, output=Output(io.StringIO()))
    with pytest.raises(ChildFailed, match="was ended by SIG"):
        await _break_when_ready(child, writing)
    os.close(reading)
    assert is_free("127.0.0.1", port)


async def _break_when_ready(child: Child, writing: int) -> None:
    life = asyncio.create_task(child.run_once())
    await child.is_ready.wait()
    os.close(writing)
    await life


async def test_child_that_once_was_ready_is_never_given_up(tmp_path: Path) -> None:
    said = io.StringIO()
    supervisor = Supervisor(Output(said))
    # Ready as soon as it runs, and over at once, as after a disk has filled up.
    child = supervisor.start(spec(tmp_path, "calendar", "1"))
    failure = asyncio.create_task(supervisor.failure())
    while child.trouble() is None:  # noqa: ASYNC110 - a process is waited for
        await asyncio.sleep(0.05)
    assert not failure.done()
    assert "starting it again in 4 s" in said.getvalue()
    assert "3 times in a row" in (child.trouble() or "")
    assert supervisor.troubles() == {"calendar": child.trouble()}
    failure.cancel()
    await supervisor.stop()


async def test_taken_port_is_seen_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        assert not await wait_until_free("127.0.0.1", port, seconds=0.4)
        if sys.platform == "linux":
            assert f"(pid {os.getpid()})" in str(find_holder(port))
    assert await wait_until_free("127.0.0.1", port, seconds=5)
