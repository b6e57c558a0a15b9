from pathlib import Path

from deployments.prefect_env import child_environment, prefect_environment
from settings import Settings, load_settings


def settings(tmp_path: Path, **env: str) -> Settings:
    return load_settings(env, root=tmp_path)


def test_users_own_prefect_is_neither_read_nor_changed(tmp_path: Path) -> None:
    env = prefect_environment(settings(tmp_path))
    home = tmp_path / "var" / "prefect"
    assert env["PREFECT_HOME"] == str(home)
    assert env["PREFECT_PROFILES_PATH"] == str(home / "profiles.toml")
    child = child_environment(settings(tmp_path), {"PREFECT_PROFILE": "mine", "PATH": "/bin"})
    assert "PREFECT_PROFILE" not in child
    assert child["PATH"] == "/bin"


def test_own_server_listens_on_this_machine_only(tmp_path: Path) -> None:
    env = prefect_environment(settings(tmp_path, PREFECT_SERVER_API_PORT="4300"))
    assert env["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4300/api"


def test_users_server_is_used_where_there_is_one(tmp_path: Path) -> None:
    url = "https://prefect.example.com/api"
    assert prefect_environment(settings(tmp_path, PREFECT_API_URL=url))["PREFECT_API_URL"] == url


def test_what_the_user_tuned_wins_over_our_tunings(tmp_path: Path) -> None:
    tuned = {"PREFECT_SERVER_LOGGING_LEVEL": "DEBUG", "PREFECT_HOME": "/elsewhere"}
    child = child_environment(settings(tmp_path), tuned)
    assert child["PREFECT_SERVER_LOGGING_LEVEL"] == "DEBUG"
    # The settings had the last word on that: they have read the user's wish.
    assert child["PREFECT_HOME"] == str(tmp_path / "var" / "prefect")
