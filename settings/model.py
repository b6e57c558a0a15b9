"""The settings as the rest of the code sees them: checked, typed, frozen.

With them, where the project lives, and the error that says why there are none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr


def project_root() -> Path:
    """Return the folder that holds `.env` and `var/`, whatever the current folder is.

    That is the checkout this package was loaded from. Installed without a checkout (a wheel in a
    container), there is none, and the current folder takes its place: `var/` must not end up in
    site-packages.
    """
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


class SettingsError(Exception):
    """The configuration cannot be used.

    `problems` holds one line each: the setting's name, what is wrong with its value, the cure.
    A secret's value is never part of a line. `str()` is the lines joined by newlines.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """The credentials of a connection (Connect > Connections in the PIM)."""

    client_id: str
    client_secret: SecretStr
    username: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """The access token of an App; it does not expire. Only the Event Platform asks for its id."""

    access_token: SecretStr
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The PIM to mirror. `base_url` has no trailing slash and no `/api/rest/v1`.

    `timeout_seconds`: until a whole answer of the PIM has come.
    """

    base_url: str
    login: PasswordLogin | TokenLogin
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class EventPlatform:
    """The Event Platform of Akeneo's cloud, beside the Events API or in its place.

    `secrets`: any of them may have signed a delivery; the first is given out as the subscription's
    primary secret, the second as its secondary one. `api_url` is its management API, without a
    trailing slash. `replay_window`: how old a signed event may be. `most_due`: more due events than
    this, and further ones are answered 429. `skips_own_events`: what our own client wrote is not
    read again.
    """

    secrets: tuple[SecretStr, ...]
    notification_secret: SecretStr | None
    api_url: str
    replay_window: timedelta
    most_due: int
    skips_own_events: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """How long housekeeping keeps what is settled or finished.

    `drain_runs` are flow runs of `process-inbox`; `reports` are those of the other flows, and what
    the store holds of runs, refusals and decided deletions.
    """

    bodies: timedelta
    events: timedelta
    changes: timedelta
    drain_runs: timedelta
    reports: timedelta


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the read API listens, and how many calls a second each of its tokens is good for.

    `is_chosen`: its port was set; else it may be left out where somebody else has the port.
    """

    host: str
    port: int
    calls_per_second: float
    is_chosen: bool

    @property
    def local_url(self) -> str:
        """Return its address as seen from this machine."""
        return _local_url(self.host, self.port)


@dataclass(frozen=True, slots=True)
class PrefectLogin:
    """How Prefect's API is asked: by basic login, by key (Prefect Cloud), or openly.

    `server` is what the server that `up` starts asks for; `basic` is what its clients say.
    """

    basic: SecretStr | None = None
    server: SecretStr | None = None
    api_key: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. `repr` shows no secret.

    `source` is None where no PIM is configured: `up` then plays the demo.
    `database_url` may hold a password: show `database_label`.
    Durations are in seconds (`keep` apart); `max_delete_share` is a share of the live products.
    `webhook_give_up` is how long a shop's webhook may fail before it is switched off.
    `public_url` is the address under which the PIM reaches the receiver, where it is known.
    `warnings` are lines about names that look like misspelt settings, for stderr.
    """

    root: Path
    source: SourceSettings | None
    webhook_secrets: tuple[SecretStr, ...]
    event_platform: EventPlatform
    timezone: ZoneInfo
    database_url: str = field(repr=False)
    database_label: str
    host: str
    port: int
    public_url: str | None
    api: ApiSettings
    work_pool_type: str
    work_pool_name: str
    prefect_api_url: str | None = field(repr=False)
    prefect_server_port: int
    prefect_home: Path
    prefect_login: PrefectLogin
    linger_seconds: float
    max_session_seconds: float
    pace_seconds: float
    lease_seconds: float
    max_attempts: int
    max_delete_share: float
    clock_doubt_seconds: float
    overlap_seconds: float
    max_body_bytes: int
    busy_timeout_seconds: float
    keep: Retention
    webhook_give_up: timedelta
    log_as_json: bool
    log_level: str
    warnings: tuple[str, ...] = ()

    @property
    def local_url(self) -> str:
        """Return the receiver's address as seen from this machine."""
        return _local_url(self.host, self.port)


def _local_url(host: str, port: int) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the user's choice, not ours
    host = everywhere.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
