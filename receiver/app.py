"""The receiver as one FastAPI application."""

from typing import Protocol

from fastapi import FastAPI

from receiver.config import ReceiverConfig


class Waker(Protocol):
    """What the request path knows of the trigger: it can be told, and it cannot fail."""

    def wake(self) -> None:
        """Say that something was committed; returns at once, never raises."""

    async def run(self) -> None:
        """Trigger until cancelled; started and ended by the application's lifespan."""


def build_app(config: ReceiverConfig, store: object, trigger: Waker) -> FastAPI:
    """Build the receiver: `POST /webhooks/events-api`, `GET /livez`, `GET /readyz`.

    The application owns neither store nor trigger; its lifespan runs `trigger.run()`, and at its
    end finishes the commits under way and writes the refusals still counted in memory.
    """
    raise NotImplementedError(config, store, trigger)
