"""The connection to one PIM: its address, its credentials, and the budget of its calls."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from pydantic import SecretStr

from pim.ids import OrderNumber

DrawNumber: TypeAlias = Callable[[], Awaitable[OrderNumber]]
Clock: TypeAlias = Callable[[], datetime]


class CallGate(Protocol):
    """The call budget: every call to the PIM, logins included, is made inside one `call()`.

    The client holds one call at a time per task and never asks for a second while it holds one.
    """

    def call(self) -> AbstractAsyncContextManager[None]:
        """Wait for a share of the budget, and give it back at the end."""
        ...


@dataclass(frozen=True, slots=True)
class PasswordCredentials:
    """A connection's credentials."""

    client_id: str
    client_secret: SecretStr
    username: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
class AppToken:
    """An App's token: never expires, cannot be renewed."""

    access_token: SecretStr


@dataclass(frozen=True, slots=True)
class PimConnection:
    """Where the PIM is (a path prefix is allowed), how to log in, and a whole call's bounds.

    A page of a hundred large products has a few megabytes.
    """

    base_url: str
    credentials: PasswordCredentials | AppToken
    timeout_seconds: float = 30.0
    max_answer_bytes: int = 64 * 1024 * 1024
