"""A command beside a running demo finds the demo's PIM; a configured PIM is never replaced."""

from pathlib import Path

import pytest

from settings import SettingsError, load_settings, published_demo
from settings.demo import demo_file

DEMO = {
    "AKENEO_BASE_URL": "http://127.0.0.1:8090",
    "AKENEO_CLIENT_ID": "demo_client",
    "AKENEO_CLIENT_SECRET": "s$ec{r}et",
    "AKENEO_USERNAME": "demo",
    "AKENEO_PASSWORD": "p#ss",
    "AKENEO_WEBHOOK_SECRETS": "webhook",
}


def test_while_the_demo_runs_its_pim_is_meant_and_afterwards_none(tmp_path: Path) -> None:
    with published_demo(tmp_path, DEMO):
        beside = load_settings({}, root=tmp_path)
    after = load_settings({}, root=tmp_path)

    by_environment = load_settings(DEMO, root=tmp_path)
    assert beside == by_environment
    assert after.source is None


def test_what_decides_whether_to_play_the_demo_does_not_see_it(tmp_path: Path) -> None:
    with published_demo(tmp_path, DEMO):
        assert load_settings({}, root=tmp_path, use_demo=False).source is None


def test_a_configured_pim_is_not_replaced_nor_completed(tmp_path: Path) -> None:
    own = {"AKENEO_BASE_URL": "https://pim.test", "AKENEO_ACCESS_TOKEN": "token"}
    with published_demo(tmp_path, DEMO):
        settings = load_settings(own, root=tmp_path)
        assert settings.source is not None
        assert settings.source.base_url == "https://pim.test"
        assert settings.webhook_secrets == ()
        with pytest.raises(SettingsError, match="AKENEO_BASE_URL is missing"):
            load_settings({"AKENEO_PASSWORD": "x"}, root=tmp_path)


def test_only_this_user_may_read_it_even_after_a_demo_that_was_killed(tmp_path: Path) -> None:
    left = demo_file(tmp_path)
    left.parent.mkdir()
    left.write_text("AKENEO_BASE_URL=http://127.0.0.1:1\n")
    left.chmod(0o644)

    with published_demo(tmp_path, DEMO):
        assert left.stat().st_mode & 0o777 == 0o600
    assert not left.exists()
