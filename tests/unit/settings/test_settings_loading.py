"""Where a value comes from, and what it becomes."""

from datetime import timedelta
from pathlib import Path

import pytest

from settings import PasswordLogin, SettingsError, TokenLogin, load_settings, project_root

PIM = {
    "AKENEO_BASE_URL": "https://pim.example.test/",
    "AKENEO_CLIENT_ID": "1_abc",
    "AKENEO_CLIENT_SECRET": "client-hush",
    "AKENEO_USERNAME": "sync_0001",
    "AKENEO_PASSWORD": "pass-hush",
    "AKENEO_WEBHOOK_SECRETS": "first-hush, second-hush",
}


def test_without_any_setting_the_demo_on_sqlite_in_the_projects_var(tmp_path: Path) -> None:
    settings = load_settings({}, root=tmp_path)

    assert settings.source is None
    assert settings.webhook_secrets == ()
    assert settings.database_url == f"sqlite:///{tmp_path}/var/akeneo-sync.db"
    assert settings.prefect_home == tmp_path / "var" / "prefect"
    assert settings.prefect_api_url is None
    assert (settings.host, settings.port, settings.prefect_server_port) == ("127.0.0.1", 8000, 4200)
    assert (settings.work_pool_type, settings.work_pool_name) == ("akeneo-sync-warm", "akeneo-sync")
    assert settings.timezone.key == "UTC"
    assert settings.warnings == ()


def test_defaults_of_the_tunables_are_the_designs(tmp_path: Path) -> None:
    settings = load_settings({}, root=tmp_path)

    assert settings.linger_seconds == 60
    assert settings.max_session_seconds == 300
    assert settings.pace_seconds == 1
    assert settings.lease_seconds == 60
    assert settings.max_attempts == 5
    assert settings.max_delete_share == 0.01
    assert settings.clock_doubt_seconds == 60
    assert settings.overlap_seconds == 300
    assert settings.max_body_bytes == 16 * 1024 * 1024
    assert settings.webhook_give_up == timedelta(days=5)


def test_a_connection_is_read_whole(tmp_path: Path) -> None:
    settings = load_settings(PIM, root=tmp_path)

    assert settings.source is not None
    assert settings.source.base_url == "https://pim.example.test"
    login = settings.source.login
    assert isinstance(login, PasswordLogin)
    assert (login.client_id, login.username) == ("1_abc", "sync_0001")
    assert login.client_secret.get_secret_value() == "client-hush"
    assert login.password.get_secret_value() == "pass-hush"
    assert [s.get_secret_value() for s in settings.webhook_secrets] == ["first-hush", "second-hush"]


def test_an_apps_token_takes_the_place_of_the_connection(tmp_path: Path) -> None:
    settings = load_settings(
        {"AKENEO_BASE_URL": "http://pim.test:8080/shop", "AKENEO_ACCESS_TOKEN": "token-hush"},
        root=tmp_path,
    )

    assert settings.source is not None
    assert settings.source.base_url == "http://pim.test:8080/shop"
    assert isinstance(settings.source.login, TokenLogin)
    assert settings.source.login.access_token.get_secret_value() == "token-hush"


def test_repr_shows_no_secret(tmp_path: Path) -> None:
    settings = load_settings(
        {**PIM, "SYNC_DATABASE_URL": "postgresql://sync:db-hush@db.test/shop"}, root=tmp_path
    )

    assert "hush" not in repr(settings)
    assert "hush" not in settings.database_label
    assert settings.database_label == "postgresql://db.test/shop"
    assert "hush" in settings.database_url


def test_the_environment_wins_over_dotenv_and_an_empty_name_is_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SYNC_PORT=8100\nSYNC_HOST=0.0.0.0\n# a comment\n")

    settings = load_settings({"SYNC_PORT": "8200", "SYNC_HOST": "  "}, root=tmp_path)

    assert (settings.host, settings.port) == ("0.0.0.0", 8200)  # noqa: S104 - a setting's value
    assert settings.local_url == "http://127.0.0.1:8200"


def test_dotenv_keeps_dollar_signs_and_survives_a_byte_order_mark(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in PIM.items() if name != "AKENEO_PASSWORD"]
    text = "\n".join([*lines, "AKENEO_PASSWORD='pa${HOME}ss'"])
    (tmp_path / ".env").write_text(text, encoding="utf-8-sig")

    settings = load_settings({}, root=tmp_path)

    assert settings.source is not None
    assert isinstance(settings.source.login, PasswordLogin)
    assert settings.source.login.password.get_secret_value() == "pa${HOME}ss"


def test_a_dotenv_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SYNC_PORT=\xff\xfe")

    with pytest.raises(SettingsError, match=r"\.env cannot be read: it is not UTF-8 text; mend"):
        load_settings({}, root=tmp_path)


def test_the_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_PORT", "8300")

    assert load_settings(root=tmp_path).port == 8300
    assert load_settings({}, root=tmp_path).port == 8000


def test_the_current_folder_does_not_move_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = project_root()
    monkeypatch.chdir(tmp_path)

    assert project_root() == before
    assert (before / "pyproject.toml").is_file()


def test_relative_folders_are_the_projects(tmp_path: Path) -> None:
    settings = load_settings({"PREFECT_HOME": "state/prefect"}, root=tmp_path)

    assert settings.prefect_home == tmp_path / "state" / "prefect"
