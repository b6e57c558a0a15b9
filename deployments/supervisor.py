"""The children of `up` as a whole: one lifeline, one failure, one order of stopping."""

import asyncio
import os

from deployments.children import Child, ChildSpec
from deployments.output import Output


class Supervisor:
    """Starts children, keeps them alive, and stops them in the order of their rank."""

    def __init__(self, output: Output) -> None:
        self._output = output
        # Nobody writes to the pipe: that its write end is gone tells the children to end.
        self._lifeline, self._own_end = os.pipe()
        self._children: list[Child] = []
        self._kept: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = False

    def start(self, spec: ChildSpec) -> Child:
        """Start a child and keep it alive."""
        child = Child(spec, lifeline=self._lifeline, output=self._output)
        if not self._stopping:
            self._children.append(child)
            self._kept.append(child)
            self._watch(asyncio.create_task(child.keep()))
        return child

    async def run_once(self, spec: ChildSpec) -> None:
        """Run a child to its end.

        Raises:
            ChildFailed: it ended with an error.
        """
        child = Child(spec, lifeline=self._lifeline, output=self._output)
        if self._stopping:
            return
        self._children.append(child)
        try:
            await child.run_once()
        finally:
            self._children.remove(child)

    async def failure(self) -> None:
        """Wait for ever, or until a child could not be started.

        Raises:
            ChildFailed: the first one that could not.
        """
        await asyncio.shield(self._failure)

    def troubles(self) -> dict[str, str | None]:
        """Return what is wrong with each of the children that are kept alive, by name."""
        return {child.spec.name: child.trouble() for child in self._kept}

    async def stop(self) -> None:
        """Stop all, each before the next."""
        self._stopping = True
        for child in sorted(self._children, key=lambda each: each.spec.stop_rank):
            await child.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        os.close(self._own_end)
        os.close(self._lifeline)

    def kill(self) -> None:
        """End all now."""
        self._stopping = True
        for child in self._children:
            child.kill()

    def _watch(self, task: asyncio.Task[None]) -> None:
        def done(ended: asyncio.Task[None]) -> None:
            if ended.cancelled() or self._failure.done():
                return
            error = ended.exception()
            if error is not None:
                self._failure.set_exception(error)

        self._tasks.append(task)
        task.add_done_callback(done)
