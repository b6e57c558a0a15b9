"""The forms of SYNC_DATABASE_URL."""

from pathlib import Path

import pytest

from settings import load_settings


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("sqlite:///var/shop.db", "{root}/var/shop.db"),
        ("sqlite:///./shop.db", "{root}/shop.db"),
        ("sqlite:////srv/shop data/shop.db", "/srv/shop data/shop.db"),
    ],
)
def test_sqlite_paths_are_the_projects_or_absolute(
    written: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    settings = load_settings({"SYNC_DATABASE_URL": written}, root=tmp_path)

    assert settings.database_url == f"sqlite:///{path.format(root=tmp_path)}"
    assert settings.database_label == settings.database_url


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("postgresql://sync:hush@db:5432/shop", "postgresql://db:5432/shop"),
        ("postgresql://db/shop?sslmode=require&password=hush", "postgresql://db/shop"),
        ("postgresql://postgres:@/shop?host=/run/pg", "postgresql:///shop"),
    ],
)
def test_postgresql_is_kept_as_written_and_shown_without_password(
    written: str, label: str, tmp_path: Path
) -> None:
    settings = load_settings({"SYNC_DATABASE_URL": written}, root=tmp_path)

    assert settings.database_url == written
    assert settings.database_label == label
