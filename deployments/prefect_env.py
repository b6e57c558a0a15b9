"""The environment under which every Prefect-using process of ours runs.

Prefect reads its settings once, when it is imported, from the environment, from files in the
current folder and from the user's profile. So ours are set before that import, and the profile is
kept out: a user's own Prefect set-up is neither read nor changed.
"""

import json
import os
import sys
from collections.abc import Mapping

from settings import Settings, log_lines, proxy_changes
from settings.log_lines import JsonConsole, JsonLines

SERVER_HOST = "127.0.0.1"  # it may be without a login: it must not be reached from elsewhere


# Measured on 2 cores: recording 100 at a time takes a server from 20-25 to 84-91 recorded task
# runs a second, at a third of the CPU.
_RECORDERS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
}


# Five sixths of what Prefect's database grows by are the events of task runs (three a task run,
# 14 kB each with their indexes: 100 MB an hour beside the demo). They only repeat what the task
# run's states say, so they stay for minutes; the others are few, and stay for a day. What a run and
# its tasks did is kept with the run: for 90 days at most (housekeeping deletes them sooner).
_TASK_RUN_EVENTS = {
    f"prefect.task-run.{state}": 300 for state in ("Pending", "Running", "Completed")
}
_RETENTION = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(90 * 24 * 3600),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "300",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES": json.dumps(
        {**_TASK_RUN_EVENTS, "prefect.flow-run.heartbeat": 3600}
    ),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P1D",
    # Every run planned ahead is rows and events: two days of plans are plenty.
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "20",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P2D",
}


# Nothing leaves the machine, and nothing is said that an operator cannot use.
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # The log lines of our own packages belong to the flow run that caused them.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,pim,storage",
}

_RUNS = {
    # The server offers no push. Twice a second costs it about 0.05 of a core.
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    # 30 s is the shortest that Prefect allows; `deploy/automation.py` counts on it.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # A server started by accident, in memory, would swallow runs.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    # Blocks are not used; registering them makes each server start slower.
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
}

_JSON_LINES = {
    "PREFECT_LOGGING_FORMATTERS_JSON_CLASS": f"{log_lines.__name__}.{JsonLines.__name__}",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS": f"{log_lines.__name__}.{JsonConsole.__name__}",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "json",
    "PREFECT_LOGGING_HANDLERS_DEBUG_FORMATTER": "json",
}


# Names that would bring a user's own set-up in by another door.
_FOREIGN = ("PREFECT_PROFILE",)


def prefect_api_url(settings: Settings) -> str:
    """Return the address of the Prefect API in use, the user's or that of `up`'s own server."""
    own = f"http://{SERVER_HOST}:{settings.prefect_server_port}/api"
    return settings.prefect_api_url or own


def child_environment(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` as a child of ours gets it: what the user tuned wins over our tunings.

    Every name of ours exists in Prefect 3.8.8 (tested).

    Home, profile and address are ours in any case: they were decided by the settings, which have
    read the user's wish already. No proxy stands between us and this machine's own servers.
    """
    kept = {name: text for name, text in env.items() if name not in _FOREIGN}
    tuned = {**_RECORDERS, **_RETENTION, **_QUIET, **_RUNS, **_limits(settings)}
    told = {**tuned, **_logging(settings), **kept, **_identity(settings)}
    return told | proxy_changes(told)


def apply_prefect_environment(settings: Settings) -> None:
    """Put `child_environment` into this process; to be called before prefect is imported.

    `deploy` and `run_worker` call it themselves; the `receiver` command calls it before it builds
    its trigger. Doing it twice with the same settings is allowed. Makes Prefect's home, of which
    Prefect itself would make the last folder only.

    Raises:
        RuntimeError: prefect has been imported already, and would not see a changed variable.
    """
    wanted = child_environment(settings, os.environ)  # noqa: TID251 - the process's own, for its libraries
    changed = {name for name, text in wanted.items() if os.environ.get(name) != text}  # noqa: TID251 - same
    foreign = [name for name in _FOREIGN if name in os.environ]  # noqa: TID251 - same
    if (changed or foreign) and "prefect" in sys.modules:
        raise RuntimeError(f"prefect is imported already and would not see {sorted(changed)}")
    settings.prefect_home.mkdir(parents=True, exist_ok=True)
    for name in foreign:
        del os.environ[name]  # noqa: TID251 - same
    os.environ.update(wanted)  # noqa: TID251 - same


def _limits(settings: Settings) -> dict[str, str]:
    """Let no page of another site call the server from an operator's browser (Prefect: any may)."""
    port = settings.prefect_server_port
    origins = (f"http://{SERVER_HOST}:{port}", f"http://localhost:{port}")
    return {"PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": ",".join(origins)}


def _logging(settings: Settings) -> dict[str, str]:
    """Return what makes Prefect's own logging like ours; runs' logs in its API stay as they are.

    Entries of its logging.yml, which it lets the environment replace one by one.
    """
    level = {"PREFECT_LOGGING_LEVEL": settings.log_level}
    return level | (_JSON_LINES if settings.log_as_json else {})


def _identity(settings: Settings) -> dict[str, str]:
    login = settings.prefect_login
    logins = {
        "PREFECT_API_AUTH_STRING": login.basic,
        "PREFECT_SERVER_API_AUTH_STRING": login.server,
        "PREFECT_API_KEY": login.api_key,
    }
    return {
        **{name: secret.get_secret_value() for name, secret in logins.items() if secret},
        "PREFECT_HOME": str(settings.prefect_home),
        "PREFECT_PROFILES_PATH": str(settings.prefect_home / "profiles.toml"),
        "PREFECT_API_URL": prefect_api_url(settings),
        "PREFECT_SERVER_API_HOST": SERVER_HOST,
        "PREFECT_SERVER_API_PORT": str(settings.prefect_server_port),
    }
