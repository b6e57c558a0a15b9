"""What the request path knows of the trigger."""

from typing import Protocol


class Waker(Protocol):
    """A trigger: it can be told, and it cannot fail a delivery."""

    def wake(self) -> None:
        """Say that something was committed; returns at once, never raises."""

    async def run(self) -> None:
        """Trigger until cancelled; started and ended by the application's lifespan."""
