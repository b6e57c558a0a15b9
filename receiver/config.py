"""Configuration of one receiver: plain values, no environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

MEBIBYTE = 1024 * 1024


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ReceiverConfig:
    """Settings of one receiver; `repr` shows no secret.

    `secrets`: any of them may have signed a delivery (rotation); none: every delivery is refused.
    `max_body_bytes`: a longer body is answered 413. `max_reserved_bytes`: what all deliveries being
    read or waiting for their commit may hold in memory together; beyond it they are answered 503.
    `answer_seconds`: within which a delivery must be committed, else it is answered 503. The PIM
    hangs up after 0.5 s in all; 0.4 s leave it time to hear the answer. `insist_seconds`: for how
    long the commit is tried after that: the PIM never sends again, so what can still be stored, is.
    `platform_secrets`, `notice_secret`: of the Event Platform's deliveries and notices; an event is
    at most `replay_window` old. The platform waits for 5 s, and `platform_answer_seconds` leave it
    time. With more than `most_due` due events its deliveries are answered 429, until they are a
    tenth fewer.
    `body_seconds`: within which the body must have arrived. `max_connections`: beyond it the one
    that was waited for longest is closed; the PIM opens 5. `scrape_seconds`: how long the answer
    to a scrape of `/metrics` is given again.
    """

    secrets: tuple[SecretStr, ...]
    max_body_bytes: int = 16 * MEBIBYTE
    max_reserved_bytes: int = 256 * MEBIBYTE
    answer_seconds: float = 0.4
    insist_seconds: float = 30.0
    body_seconds: float = 10.0
    max_connections: int = 1000
    scrape_seconds: float = 1.0
    platform_secrets: tuple[SecretStr, ...] = ()
    notice_secret: SecretStr | None = None
    replay_window: timedelta = timedelta(hours=24)
    platform_answer_seconds: float = 3.0
    most_due: int = 1_000_000
    clock: Callable[[], datetime] = utc_now

    def __repr__(self) -> str:
        secrets = f"secrets={len(self.secrets)}+{len(self.platform_secrets)}"
        return f"ReceiverConfig({secrets}, max_body_bytes={self.max_body_bytes})"
