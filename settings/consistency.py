"""Contradictions between settings: it takes several to judge, a whole PIM, or none."""

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr

from settings.model import (
    ApiSettings,
    EventPlatform,
    PasswordLogin,
    PrefectLogin,
    SourceSettings,
    TokenLogin,
)
from settings.values import Values, parse_secrets

_CLIENT_ID_NAME = "AKENEO_CLIENT_ID"
_PASSWORD_NAMES = (
    _CLIENT_ID_NAME,
    "AKENEO_CLIENT_SECRET",
    "AKENEO_USERNAME",
    "AKENEO_PASSWORD",
)
_TOKEN_NAME = "AKENEO_ACCESS_TOKEN"  # noqa: S105 -- a setting's name

_LAST_PORT = 65_535
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})  # noqa: S104 -- to compare


def list_contradictions(values: Values, given: frozenset[str]) -> list[str]:
    """Return a line for each set of settings that do not go together.

    `given` are the names that were set at all, also those whose value was refused: a refused
    value is not a missing one.
    """
    problems = _list_source_problems(given)
    same_port = values.sync_port == values.prefect_server_api_port
    if same_port and values.prefect_api_url is None:
        problems.append(
            f"SYNC_PORT and PREFECT_SERVER_API_PORT are both {values.sync_port}; "
            "give the receiver and the Prefect server a port each"
        )
    problems += _list_shared_ports(values)
    return problems + _list_login_problems(values) + _list_mirrors(values)


def _list_shared_ports(values: Values) -> list[str]:
    """The read API has a port of its own."""
    others = {"SYNC_PORT": values.sync_port}
    if values.prefect_api_url is None:
        others["PREFECT_SERVER_API_PORT"] = values.prefect_server_api_port
    return [
        f"{name} and SYNC_API_PORT are both {port}; give the read API a port of its own"
        for name, port in others.items()
        if port == values.sync_api_port
    ]


def build_api(values: Values) -> ApiSettings:
    """Return where the read API listens: where nothing is said, beside the receiver.

    On the next port that no setting of ours names: whoever has never heard of it must not be kept
    from starting by it.
    """
    named = {values.sync_port, values.prefect_server_api_port}
    for url in (values.akeneo_base_url, values.prefect_api_url):
        named |= {port for port in [url and _port_here(url, values.sync_host)] if port}
    beside = (values.sync_port + step for step in (*range(1, 9), *range(-8, 0)))
    free = next(port for port in beside if port not in named and 0 < port <= _LAST_PORT)
    return ApiSettings(
        host=values.sync_api_host,
        port=values.sync_api_port or free,
        calls_per_second=values.sync_api_calls_per_second,
        is_chosen=values.sync_api_port is not None,
    )


def build_prefect_login(values: Values) -> PrefectLogin:
    """Return how Prefect is asked; a server of our own asks for what its clients say.

    Where the server is another process's, its login is what `akeneo-sync prefect` asks for.
    """
    ours = values.prefect_api_url is None
    basic, server = values.prefect_api_auth_string, values.prefect_server_api_auth_string
    return PrefectLogin(
        basic=basic or (server if ours else None),
        server=(server or basic) if ours else server,
        api_key=values.prefect_api_key,
    )


def _list_login_problems(values: Values) -> list[str]:
    basic, server = values.prefect_api_auth_string, values.prefect_server_api_auth_string
    if values.prefect_api_url is None and basic and server and basic != server:
        line = (
            "PREFECT_API_AUTH_STRING and PREFECT_SERVER_API_AUTH_STRING differ, though they are "
            "the same server's login; unset the first, it follows the second"
        )
        return [line]
    return []


def build_source(values: Values) -> SourceSettings | None:
    """Return the PIM of settings without contradictions, None if none is configured."""
    if values.akeneo_base_url is None:
        return None
    return SourceSettings(
        values.akeneo_base_url,
        _build_login(values),
        timeout_seconds=values.sync_call_timeout_seconds,
    )


def build_event_platform(values: Values) -> EventPlatform:
    """Return what is set of the Event Platform."""
    return EventPlatform(
        secrets=parse_secrets(values.akeneo_event_platform_secrets),
        notification_secret=values.akeneo_event_platform_notification_secret,
        api_url=values.akeneo_event_platform_url,
        replay_window=timedelta(hours=values.sync_replay_window_hours),
        most_due=values.sync_max_due_events,
        skips_own_events=values.sync_skip_own_events,
    )


def _build_login(values: Values) -> PasswordLogin | TokenLogin:
    if values.akeneo_access_token is not None:
        return TokenLogin(values.akeneo_access_token, values.akeneo_client_id)
    return PasswordLogin(
        client_id=values.akeneo_client_id or "",
        client_secret=values.akeneo_client_secret or SecretStr(""),
        username=values.akeneo_username or "",
        password=values.akeneo_password or SecretStr(""),
    )


def _list_mirrors(values: Values) -> list[str]:
    """A URL of somebody else that leads to ourselves."""
    ports = {values.sync_port: "our own receiver (SYNC_PORT)"}
    if values.sync_api_port is not None:
        ports.setdefault(values.sync_api_port, "our own read API (SYNC_API_PORT)")
    problems = []
    for name, url in (
        ("PREFECT_API_URL", values.prefect_api_url),
        ("AKENEO_BASE_URL", values.akeneo_base_url),
    ):
        port = None if url is None else _port_here(url, values.sync_host)
        if port in ports:
            problems.append(
                f"{name} leads to {ports[port]}; correct the URL, or give that another port"
            )
        if name == "PREFECT_API_URL" and url is None:
            ports.setdefault(
                values.prefect_server_api_port, "our Prefect server (PREFECT_SERVER_API_PORT)"
            )
    return problems


def _port_here(url: str, host: str) -> int | None:
    """The port of a URL that leads to this machine."""
    parts = urlsplit(url)
    if parts.hostname not in {*_THIS_MACHINE, host}:
        return None
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def _list_source_problems(given: frozenset[str]) -> list[str]:
    passwords = [name for name in _PASSWORD_NAMES if name in given]
    token = _TOKEN_NAME in given
    if "AKENEO_BASE_URL" not in given:
        return _list_lonely([*passwords, *([_TOKEN_NAME] if token else [])])
    others = [name for name in passwords if name != _CLIENT_ID_NAME]  # an App has an id, too
    if token and others:
        line = (
            f"{_TOKEN_NAME} is set together with {_join(others)}, and only one login can be "
            "used; keep the token (an App) or the four of a connection"
        )
        return [line]
    if token or len(passwords) == len(_PASSWORD_NAMES):
        return []
    if not passwords:
        line = (
            f"AKENEO_BASE_URL is set, but no login; set {_join(list(_PASSWORD_NAMES))} "
            f"of a connection, or {_TOKEN_NAME} of an App"
        )
        return [line]
    missing = [name for name in _PASSWORD_NAMES if name not in given]
    verb = "is" if len(missing) == 1 else "are"
    line = (
        f"{_join(missing)} {verb} missing; copy the value from the connection's page in the PIM "
        "(Connect > Connections)"
    )
    return [line]


def _list_lonely(names: list[str]) -> list[str]:
    if not names:
        return []
    verb = "is" if len(names) == 1 else "are"
    line = (
        f"AKENEO_BASE_URL is missing, though {_join(names)} {verb} set; "
        "set it to the PIM's address, like https://pim.example.com, or unset the rest for the demo"
    )
    return [line]


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
