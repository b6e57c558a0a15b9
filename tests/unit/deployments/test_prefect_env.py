from pathlib import Path

import pytest

from deployments.prefect_env import child_environment
from deployments.up.demo import DEMO_EDITION, DEMO_MODELS, DEMO_PRODUCTS, Demo
from deployments.up.plan import Plan
from settings import Settings, load_settings
from simulator.config import SimulatorConfig
from simulator.simulation import Simulation


def settings(tmp_path: Path, **env: str) -> Settings:
    return load_settings(env, root=tmp_path)


def prefect_environment(told: Settings) -> dict[str, str]:
    return child_environment(told, {})


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


def test_without_a_login_none_is_said(tmp_path: Path) -> None:
    child = child_environment(settings(tmp_path), {})
    assert not {name for name in child if "AUTH" in name or "KEY" in name}


@pytest.mark.parametrize(
    "name", ["PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"], ids=["server", "client"]
)
def test_our_own_server_asks_for_the_login_that_our_parts_say(tmp_path: Path, name: str) -> None:
    env = prefect_environment(settings(tmp_path, **{name: "admin:a-password"}))
    assert env["PREFECT_SERVER_API_AUTH_STRING"] == "admin:a-password"
    assert env["PREFECT_API_AUTH_STRING"] == "admin:a-password"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PREFECT_API_AUTH_STRING", "admin:a-password"), ("PREFECT_API_KEY", "pnu_key")],
)
def test_another_server_is_asked_with_its_login(tmp_path: Path, name: str, value: str) -> None:
    url = "https://prefect.example.com/api"
    env = prefect_environment(settings(tmp_path, PREFECT_API_URL=url, **{name: value}))
    assert env[name] == value
    assert "PREFECT_SERVER_API_AUTH_STRING" not in env


def test_pages_of_other_sites_may_not_call_our_server(tmp_path: Path) -> None:
    env = prefect_environment(settings(tmp_path, PREFECT_SERVER_API_PORT="4300"))
    allowed = env["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"].split(",")
    assert allowed == ["http://127.0.0.1:4300", "http://localhost:4300"]


def test_the_demos_secrets_are_on_no_command_line(tmp_path: Path) -> None:
    demo = Demo(port=8090, receiver_url="http://127.0.0.1:8000", shop=tmp_path / "shop.db")
    plan = Plan(settings(tmp_path), {}, demo=demo)
    secrets = {demo.client_secret, demo.password, demo.webhook_secret}
    secrets |= {demo.platform_secret, demo.notification_secret}
    children = [plan.simulator(demo), plan.receiver(), plan.worker(), plan.preparing()]
    lines = " ".join(" ".join((child.module, *child.arguments)) for child in children)
    assert not {secret for secret in secrets if secret in lines}
    assert secrets <= set(plan.simulator(demo).env.values())


def test_prefect_logs_as_we_do(tmp_path: Path) -> None:
    text = prefect_environment(settings(tmp_path, SYNC_LOG_LEVEL="warning"))
    assert text["PREFECT_LOGGING_LEVEL"] == "WARNING"
    assert not [name for name in text if name.startswith("PREFECT_LOGGING_HANDLERS")]
    lines = prefect_environment(settings(tmp_path, SYNC_LOG_FORMAT="json"))
    assert lines["PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER"] == "json"


def test_the_demos_shop_has_two_thousand_products_with_models_variants_and_records() -> None:
    config = SimulatorConfig(products=DEMO_PRODUCTS, models=DEMO_MODELS, edition=DEMO_EDITION)
    pim = Simulation(config)
    options = Demo(port=8090, receiver_url="http://127.0.0.1:8000", shop=Path("x")).arguments()
    variants = [product for product in pim.database if product.parent is not None]
    assert {
        f"--products={DEMO_PRODUCTS}",
        f"--models={DEMO_MODELS}",
        f"--edition={DEMO_EDITION}",
    } <= {*options}
    assert len(pim.database) == 2000
    assert 150 < len(variants) < 300
