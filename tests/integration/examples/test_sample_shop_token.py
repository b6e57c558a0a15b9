"""The sample shop gets its token by the project's own command."""

import os
import stat
from pathlib import Path

import pytest

from examples.shop.feed import TokenError
from examples.shop.token import NAME, TokenFile
from storage import open_store
from storage.state import list_tokens


def test_the_token_is_made_by_the_projects_command_and_kept_for_this_user_alone(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", sqlite_url)
    kept = TokenFile(tmp_path / "folder" / "token")
    assert kept.read() is None
    first = kept.renew()
    assert kept.read() == first
    assert stat.S_IMODE((tmp_path / "folder" / "token").stat().st_mode) == 0o600
    assert kept.renew() != first
    store = open_store(sqlite_url)
    with store.read() as tx:
        assert [each.name for each in list_tokens(tx) if each.revoked_at is None] == [NAME]
    store.close()
    monkeypatch.setenv("SYNC_DATABASE_URL", f"sqlite:///{tmp_path}{os.sep}none.db")
    with pytest.raises(TokenError, match=r"made no token: .*akeneo-sync migrate"):
        kept.renew()
