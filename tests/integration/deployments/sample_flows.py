"""Small flows that the worker tests run, in the worker's own process or in a `process` pool's."""

import asyncio
import os
import threading
from pathlib import Path

from prefect import flow, get_run_logger, task


@flow
async def quick(folder: str, text: str = "hello") -> None:
    """Leave a file behind.

    Args:
        folder: Where the file goes.
        text: What it holds.
    """
    get_run_logger().info("first line: %s", text)
    (Path(folder) / "quick.txt").write_text(f"{text} {os.getpid()}", encoding="utf-8")


@flow
async def lasting(folder: str, seconds: float = 60.0) -> None:
    """Say that it has begun, wait, and clean up behind itself."""
    marks = Path(folder)
    try:
        (marks / "began.txt").write_text(str(os.getpid()), encoding="utf-8")
        await asyncio.sleep(seconds)
        (marks / "ended.txt").touch()
    finally:
        (marks / "cleaned.txt").touch()


@flow
async def failing_once(folder: str) -> None:
    """Fail the first time, succeed the second."""
    tried = Path(folder) / "tried.txt"
    if not tried.exists():
        tried.touch()
        raise ValueError("the first try fails")
    (Path(folder) / "succeeded.txt").touch()


@flow
async def blocking(folder: str) -> None:
    """Block its event loop, as no flow should, until it is released (or half a minute)."""
    marks = Path(folder)
    (marks / "began.txt").touch()
    for _ in range(600):
        if (marks / "release.txt").exists():
            return
        threading.Event().wait(0.05)
    raise TimeoutError("nobody released the blocking flow")


@flow
async def resumable(folder: str) -> None:
    """Wait for ever the first time; go on where it was the second."""
    marks = Path(folder)
    if (marks / "began.txt").exists():
        (marks / "went-on.txt").touch()
        return
    (marks / "began.txt").touch()
    await asyncio.sleep(600)


@task
async def step(folder: str) -> None:
    (Path(folder) / "began.txt").touch()
    await asyncio.sleep(0.1)


@flow
async def stepping(folder: str) -> None:
    """Go on, task after task."""
    for _ in range(600):
        await step(folder)
    (Path(folder) / "ended.txt").touch()
