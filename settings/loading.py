"""The environment and `.env`, read once: the only module that does."""

import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv.parser import Binding, parse_stream
from pydantic import ValidationError

from settings.consistency import (
    build_api,
    build_event_platform,
    build_prefect_login,
    build_source,
    list_contradictions,
)
from settings.demo import demo_file, wants_demo
from settings.model import Retention, Settings, SettingsError, project_root
from settings.remarks import KNOWN_NAMES, list_remarks, suggest_names
from settings.urls import label_database, parse_database_url
from settings.values import Values, find_slip, parse_secrets


@dataclass(frozen=True, slots=True)
class DotenvFile:
    """What a file sets, names set to nothing left out; `remarks` are lines for the operator."""

    values: dict[str, str]
    remarks: tuple[str, ...] = ()


def read_dotenv(path: Path) -> DotenvFile:
    """Read the file, without expanding `${…}`: passwords may hold it. None there sets nothing.

    Raises:
        SettingsError: it cannot be read, or a line of it cannot: what it was to set is unknown.
    """
    try:
        # utf-8-sig: some editors begin a file with a byte order mark, which would hide a name.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return DotenvFile({})
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeError) else str(error.strerror)
        raise SettingsError(
            [f"{path} cannot be read: {reason}; mend the file or its rights, or remove it"]
        ) from error
    bindings = list(parse_stream(StringIO(text)))
    problems = [_describe_line(path, binding) for binding in bindings if binding.error]
    if problems:
        raise SettingsError(problems)
    return _collect(path, bindings)


def _describe_line(path: Path, binding: Binding) -> str:
    return (
        f"{path} line {binding.original.line} cannot be read: it is not NAME=value, or a quote is "
        "not closed; mend it, or begin it with #"
    )


def _collect(path: Path, bindings: Iterable[Binding]) -> DotenvFile:
    values: dict[str, str] = {}
    remarks: list[str] = []
    for binding in bindings:
        if binding.key is None:  # a comment, or an empty line
            continue
        value = (binding.value or "").strip()
        if values.get(binding.key, value) != value:
            line = binding.original.line
            remarks.append(
                f"{binding.key} is set twice in {path}, and line {line} counts; remove the other"
            )
        values[binding.key] = value
    return DotenvFile({name: value for name, value in values.items() if value}, tuple(remarks))


def read_environment() -> dict[str, str]:
    """Return a copy of the process's environment, for child processes to inherit."""
    return dict(os.environ)  # noqa: TID251 -- the one module that reads it


def load_settings(
    env: Mapping[str, str] | None = None, *, root: Path | None = None, use_demo: bool = True
) -> Settings:
    """Read and check all settings: the environment over the `.env` of the project root.

    A name set to nothing counts as not set. `env` takes the place of the process's environment,
    `root` that of the project root (`.env`, and what relative paths are relative to). Where
    nothing of a PIM is set and a demo runs, its PIM is meant, unless `use_demo` is False (`up`,
    which decides by that whether to play the demo).

    Raises:
        SettingsError: one line for each problem, all of them at once.
    """
    root = project_root() if root is None else root.resolve()
    environment = read_environment() if env is None else env
    file = read_dotenv(root / ".env")
    merged = file.values | _strip(environment)
    if use_demo and wants_demo(merged):
        merged = read_dotenv(demo_file(root)).values | merged
    given = {name: merged[name] for name in sorted(KNOWN_NAMES & merged.keys())}
    values, problems = _check_each(given)
    problems += list_contradictions(values, frozenset(given))
    try:
        database_url = parse_database_url(values.sync_database_url.get_secret_value(), root)
    except ValueError as error:
        problems.append(f"SYNC_DATABASE_URL {error}")
        database_url = ""
    problems += _list_unusable_folders(root, values)
    misspelt = suggest_names(merged, ours=file.values)
    if problems:
        # A misspelt name is often why another is missing: it is said beside it.
        raise SettingsError([*problems, *misspelt])
    warnings = (*file.remarks, *list_remarks(values, given), *misspelt)
    return _build(values, root=root, database_url=database_url, warnings=warnings)


def _list_unusable_folders(root: Path, values: Values) -> list[str]:
    """What an address of SQLite cannot hold; what follows a '?' in it is an option."""
    if "?" in str(root):
        return [
            f"the folder {root} has a '?' in its name, which no address of SQLite can; rename it"
        ]
    if "?" in str(values.prefect_home):
        return ["PREFECT_HOME has a '?' in it, which no address of SQLite can; choose another name"]
    return []


def _strip(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in environment.items() if text.strip()}


def _check_each(given: Mapping[str, str]) -> tuple[Values, list[str]]:
    """Check each setting by itself; a refused one is reported and stands at its default."""
    slips = {name: find_slip(name, text) for name, text in given.items()}
    lines = {name: f"{name} {slip}" for name, slip in slips.items() if slip is not None}
    try:
        values = Values.model_validate(_without(given, lines))
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = str(problem["loc"][0]).upper()
            cause = problem.get("ctx", {}).get("error")
            lines.setdefault(name, _describe(name, cause))
        values = Values.model_validate(_without(given, lines))
    return values, [lines[name] for name in sorted(lines)]


def _without(given: Mapping[str, str], refused: Container[str]) -> dict[str, str]:
    return {name.lower(): text for name, text in given.items() if name not in refused}


def _describe(name: str, cause: object) -> str:
    if cause is not None:  # a ValueError of ours: it says the problem and the cure
        return f"{name} {cause}"
    field = Values.model_fields[name.lower()]
    default = "" if field.default is None else f" (it is {field.default} where it is not set)"
    return f"{name} is not usable: it must be {field.description}{default}"


def _build(values: Values, *, root: Path, database_url: str, warnings: tuple[str, ...]) -> Settings:
    return Settings(
        root=root,
        source=build_source(values),
        webhook_secrets=parse_secrets(values.akeneo_webhook_secrets),
        event_platform=build_event_platform(values),
        timezone=ZoneInfo(values.akeneo_timezone),
        database_url=database_url,
        database_label=label_database(database_url),
        host=values.sync_host,
        port=values.sync_port,
        public_url=values.sync_public_url,
        api=build_api(values),
        work_pool_type=values.sync_work_pool_type,
        work_pool_name=values.sync_work_pool_name,
        prefect_api_url=values.prefect_api_url,
        prefect_server_port=values.prefect_server_api_port,
        prefect_home=(root / values.prefect_home.expanduser()).resolve(),
        prefect_login=build_prefect_login(values),
        linger_seconds=values.sync_linger_seconds,
        max_session_seconds=values.sync_max_session_seconds,
        pace_seconds=values.sync_pace_seconds,
        lease_seconds=values.sync_lease_seconds,
        max_attempts=values.sync_max_attempts,
        max_delete_share=values.sync_max_delete_share,
        clock_doubt_seconds=values.sync_clock_doubt_seconds,
        overlap_seconds=values.sync_overlap_seconds,
        max_body_bytes=values.sync_max_body_bytes,
        busy_timeout_seconds=values.sync_busy_timeout_seconds,
        keep=Retention(
            bodies=timedelta(hours=values.sync_keep_bodies_hours),
            events=timedelta(days=values.sync_keep_events_days),
            changes=timedelta(days=values.sync_keep_changes_days),
            drain_runs=timedelta(hours=values.sync_keep_drain_runs_hours),
            reports=timedelta(days=values.sync_keep_reports_days),
        ),
        webhook_give_up=timedelta(days=values.sync_webhook_give_up_days),
        log_as_json=values.sync_log_format == "json",
        log_level=values.sync_log_level,
        warnings=warnings,
    )
