"""The settings, and who else on this machine can read what belongs to them."""

import stat
from pathlib import Path

from cli.checks.finding import Findings
from settings import PasswordLogin, Settings, SettingsError, demo_file

PART = "settings"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def report_problems(error: SettingsError, found: Findings) -> None:
    """Say every problem of settings that cannot be used."""
    for problem in error.problems:
        found.broken("settings", problem, "mend it in the environment or in .env")
    found.note("everything else", "not looked at: it depends on the settings")


def check_settings(settings: Settings, found: Findings) -> None:
    """Look at the settings as they were read, and at the rights of their files."""
    _check_source(settings, found)
    for warning in settings.warnings:
        found.warn("name", warning, "correct it, or remove it")
    _check_file(settings.root / ".env", found, "holds credentials")
    _check_folder(settings, found)


def _check_source(settings: Settings, found: Findings) -> None:
    source = settings.source
    if source is None:
        found.warn(
            "PIM",
            "none is configured, and no demo runs",
            "copy .env.example to .env and fill it in, or `make run` for the demo",
        )
        return
    if demo_file(settings.root).exists() and source.base_url.startswith("http://127.0.0.1"):
        found.note("PIM", f"{source.base_url}: the running demo's, no PIM is configured")
        return
    login = source.login
    who = f"as {login.username}" if isinstance(login, PasswordLogin) else "with an App's token"
    found.ok("PIM", f"{source.base_url}, {who}")
    if source.base_url.startswith("http://") and "//127." not in source.base_url:
        found.warn(
            "encryption",
            "AKENEO_BASE_URL is http: credentials and products go over the network in the clear",
            "use the PIM's https address",
        )


def _check_file(file: Path, found: Findings, holds: str) -> None:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        found.note(".env", "there is none: the settings are the environment's and the defaults")
        return
    if mode & _OTHERS:
        how = f"{holds}, and other users of this machine may read it (mode {mode:04o})"
        found.warn(".env", how, f"chmod 600 {file}")
    else:
        found.ok(".env", "readable by its owner only")


def _check_folder(settings: Settings, found: Findings) -> None:
    """The folders that hold products, deliveries and Prefect's history."""
    for folder in dict.fromkeys((settings.root / "var", settings.prefect_home)):
        if not folder.is_dir():
            continue
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & _OTHERS:
            how = f"{folder} holds data, and other users may look into it (mode {mode:04o})"
            found.warn("rights", how, f"chmod 700 {folder}")
