"""The settings' names, defaults and ranges: one field a setting, checked one at a time.

Before that, each text is looked at for the slips of copying, whatever its setting. What takes
several settings to judge is in `settings.consistency`.
"""

import difflib
import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from settings.urls import parse_api_url, parse_base_url, parse_plain_url, parse_public_url

_QUOTES = {('"', '"'), ("'", "'"), ("`", "`"), ("\u201c", "\u201d"), ("\u201e", "\u201c")}
_PLACEHOLDERS = frozenset({"\u2026", "..."})
# Somebody may have chosen a password that stands in quotes.
_FREE_NAMES = frozenset(
    {"AKENEO_PASSWORD", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"}
)
_HEADER_NAMES = frozenset({"AKENEO_ACCESS_TOKEN", "PREFECT_API_KEY"})

_POOL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_HOST = re.compile(r"[A-Za-z0-9.:\-_]{1,253}")
_LONGEST_LABEL = 63  # of a host name, between its dots
_MEBIBYTE = 1024 * 1024


def find_slip(name: str, text: str) -> str | None:
    """Return what is wrong and the cure, to follow the setting's name; None if nothing is.

    Never a part of the text: it may be a secret.
    """
    if not text.isprintable():
        return (
            "holds a line break or an invisible character, or is not UTF-8 (copied along?); "
            "write it anew by hand"
        )
    if is_quoted(text) and name not in _FREE_NAMES:
        return "begins and ends with a quote, which has become part of it; leave the quotes out"
    if text in _PLACEHOLDERS or (text.startswith("<") and text.endswith(">")):
        return "is still an example's blank; put the real value there"
    if name in _HEADER_NAMES and (not text.isascii() or " " in text):
        return "holds a space or a letter that no token has; copy it anew"
    return None


def is_quoted(text: str) -> bool:
    """Tell whether the text stands in quotes."""
    return len(text) > 1 and (text[0], text[-1]) in _QUOTES


def parse_timezone(text: str) -> str:
    """Return the name if the IANA database knows it. Raises ValueError with the cure."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = difflib.get_close_matches(text, sorted(available_timezones()), n=1, cutoff=0.75)
        hint = f"did you mean {near[0]}?" if near else "write it like Europe/Paris or UTC"
        raise ValueError(f"is no time zone known here ({text!r}); {hint}") from error


def parse_secrets(given: SecretStr | None) -> tuple[SecretStr, ...]:
    """Return the comma-separated secrets. Raises ValueError with the cure for a blank one."""
    if given is None:
        return ()
    secrets = [part.strip() for part in given.get_secret_value().split(",")]
    if not all(secrets):
        raise ValueError(
            "holds a blank secret (two commas in a row, or one at an end); "
            "write them like first,second"
        )
    return tuple(SecretStr(secret) for secret in secrets)


def _check_secrets(secret: SecretStr) -> SecretStr:
    parse_secrets(secret)
    return secret


def _check_login(secret: SecretStr) -> SecretStr:
    user, colon, password = secret.get_secret_value().partition(":")
    if not (user and colon and password):
        raise ValueError("is no user name and password; write it like admin:password")
    return secret


def _check_pool(text: str) -> str:
    if _POOL_NAME.fullmatch(text) is None:
        raise ValueError("holds other signs than letters, digits, '-' and '_'; leave them out")
    return text


def _check_host(text: str) -> str:
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text  # as URLs hold IPv6
    if _HOST.fullmatch(host) is None or max(map(len, host.split("."))) > _LONGEST_LABEL:
        raise ValueError("is no host name or address; write it like 127.0.0.1 or 0.0.0.0")
    return host


Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
SecondsOrNone = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Hours = Annotated[float, Field(ge=1, le=87_600, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=1, le=3_650, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65_535)]
LogFormat = Annotated[Literal["text", "json"], BeforeValidator(str.lower)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)]
PoolName = Annotated[str, AfterValidator(_check_pool)]


class Values(BaseSettings):
    """One field a setting; the field's name in capitals is the setting's name.

    `description` completes the sentence "NAME must be …" of an error line.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    akeneo_base_url: Annotated[str, AfterValidator(parse_base_url)] | None = Field(
        default=None, description="the PIM's address"
    )
    akeneo_client_id: str | None = Field(default=None, description="the connection's client id")
    akeneo_client_secret: SecretStr | None = Field(
        default=None, description="the connection's secret"
    )
    akeneo_username: str | None = Field(default=None, description="the connection's user name")
    akeneo_password: SecretStr | None = Field(default=None, description="the connection's password")
    akeneo_access_token: SecretStr | None = Field(
        default=None, description="an App's access token, instead of the four above"
    )
    akeneo_webhook_secrets: Annotated[SecretStr, AfterValidator(_check_secrets)] | None = Field(
        default=None, description="the secrets that sign deliveries, comma-separated"
    )
    akeneo_event_platform_secrets: Annotated[SecretStr, AfterValidator(_check_secrets)] | None = (
        Field(
            default=None,
            description="the secrets of the Event Platform's subscriptions, comma-separated",
        )
    )
    akeneo_event_platform_notification_secret: SecretStr | None = Field(
        default=None, description="the secret that signs the Event Platform's notifications"
    )
    akeneo_event_platform_url: Annotated[str, AfterValidator(parse_plain_url)] = Field(
        default="https://event.prd.sdk.akeneo.cloud/api/v1",
        description="the address of the Event Platform's management API",
    )
    akeneo_timezone: Annotated[str, AfterValidator(parse_timezone)] = Field(
        default="UTC", description="the time zone of the PIM's own clock"
    )

    sync_database_url: SecretStr = Field(
        default=SecretStr("sqlite:///var/akeneo-sync.db"), description="the store's database"
    )
    sync_host: Annotated[str, AfterValidator(_check_host)] = Field(
        default="127.0.0.1", description="the address the receiver listens on"
    )
    sync_port: Port = Field(default=8000, description="a whole number from 1 to 65535")
    sync_public_url: Annotated[str, AfterValidator(parse_public_url)] | None = Field(
        default=None, description="the address under which Akeneo reaches the receiver"
    )
    sync_replay_window_hours: Hours = Field(
        default=24.0, description="a number of hours from 1 to 87600"
    )
    sync_max_due_events: Annotated[int, Field(ge=100, le=1_000_000_000)] = Field(
        default=1_000_000, description="a whole number from 100 to 1000000000"
    )
    sync_skip_own_events: bool = Field(default=False, description="yes or no")
    sync_api_host: Annotated[str, AfterValidator(_check_host)] = Field(
        default="127.0.0.1", description="the address the read API listens on"
    )
    sync_api_port: Port | None = Field(default=None, description="a whole number from 1 to 65535")
    sync_api_calls_per_second: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = (
        Field(default=20.0, description="a number of calls a second above 0, at most 10000")
    )
    sync_work_pool_type: PoolName = Field(
        default="akeneo-sync-warm", description="a Prefect work pool type"
    )
    sync_work_pool_name: PoolName = Field(
        default="akeneo-sync", description="the name of the Prefect work pool"
    )
    sync_linger_seconds: SecondsOrNone = Field(
        default=60.0, description="a number of seconds from 0 to 86400"
    )
    sync_max_session_seconds: Seconds = Field(
        default=300.0, description="a number of seconds above 0, at most 86400"
    )
    sync_pace_seconds: SecondsOrNone = Field(
        default=1.0, description="a number of seconds from 0 to 86400"
    )
    sync_lease_seconds: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)] = Field(
        default=60.0, description="a number of seconds from 1 to 86400"
    )
    sync_max_attempts: Annotated[int, Field(ge=1, le=100)] = Field(
        default=5, description="a whole number from 1 to 100"
    )
    sync_max_delete_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.01, description="a share from 0 to 1 (0.01 is one in a hundred)"
    )
    sync_clock_doubt_seconds: SecondsOrNone = Field(
        default=60.0, description="a number of seconds from 0 to 86400"
    )
    sync_overlap_seconds: SecondsOrNone = Field(
        default=300.0, description="a number of seconds from 0 to 86400"
    )
    sync_max_body_bytes: Annotated[int, Field(ge=1024, le=1024 * _MEBIBYTE)] = Field(
        default=16 * _MEBIBYTE, description="a whole number of bytes from 1024 to 1073741824"
    )
    sync_call_timeout_seconds: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = Field(
        default=30.0, description="a number of seconds above 0, at most 60"
    )
    sync_busy_timeout_seconds: Seconds = Field(
        default=5.0, description="a number of seconds above 0, at most 86400"
    )
    sync_keep_bodies_hours: Hours = Field(
        default=48.0, description="a number of hours from 1 to 87600"
    )
    sync_keep_events_days: Days = Field(default=7.0, description="a number of days from 1 to 3650")
    sync_keep_changes_days: Days = Field(
        default=30.0, description="a number of days from 1 to 3650"
    )
    sync_webhook_give_up_days: Days = Field(
        default=5.0, description="a number of days from 1 to 3650"
    )
    sync_keep_drain_runs_hours: Hours = Field(
        default=24.0, description="a number of hours from 1 to 87600"
    )
    sync_keep_reports_days: Days = Field(
        default=90.0, description="a number of days from 1 to 3650"
    )

    sync_log_format: LogFormat = Field(default="text", description="text or json")
    sync_log_level: LogLevel = Field(
        default="INFO", description="one of DEBUG, INFO, WARNING and ERROR"
    )

    prefect_api_url: Annotated[str, AfterValidator(parse_api_url)] | None = Field(
        default=None, description="the address of a Prefect API"
    )
    prefect_server_api_port: Port = Field(
        default=4200, description="a whole number from 1 to 65535"
    )
    prefect_home: Path = Field(default=Path("var/prefect"), description="a folder")
    prefect_api_key: SecretStr | None = Field(default=None, description="a key of Prefect Cloud")
    prefect_api_auth_string: Annotated[SecretStr, AfterValidator(_check_login)] | None = Field(
        default=None, description="the login of the Prefect server, like admin:password"
    )
    prefect_server_api_auth_string: Annotated[SecretStr, AfterValidator(_check_login)] | None = (
        Field(default=None, description="the login that the started server asks for")
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the values that were handed in, and nothing else.

        `settings.loading` merges the environment and `.env` itself, so that a test or a child
        process can be given another environment, and so that misspelt names are seen.
        """
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
