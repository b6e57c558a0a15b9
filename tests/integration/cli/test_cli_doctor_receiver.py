"""The doctor's lines about deliveries and the secrets they are known by."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.checks.finding import Finding, Findings
from cli.checks.receiver import check_receiver
from settings import Settings, load_settings
from storage.inbox.refusals import count_refusal
from storage.state.alarms import raise_alarm
from tests.integration.cli.shop_store import Shop

SECRET = "fh2k3l4jh5lk2j3h4l5k2jh3l4k5jh"
CLIENT_SECRET = "client-secret-of-the-connection"


@pytest.fixture
def settings(shop: Shop, store_url: str, root: Path) -> Settings:
    del shop  # which is the store at that address
    env = {
        "AKENEO_BASE_URL": "https://pim.example.com",
        "AKENEO_CLIENT_ID": "id",
        "AKENEO_CLIENT_SECRET": CLIENT_SECRET,
        "AKENEO_USERNAME": "julia",
        "AKENEO_PASSWORD": "password",
        "AKENEO_WEBHOOK_SECRETS": SECRET,
        "SYNC_DATABASE_URL": store_url,
        "SYNC_PORT": "9",  # nobody is there
    }
    return load_settings(env, root=root)


def told(settings: Settings) -> dict[str, Finding]:
    found = Findings("receiver")
    check_receiver(settings, found)
    return {finding.what: finding for finding in found.found}


def test_a_receiver_that_is_not_there_is_broken(settings: Settings) -> None:
    assert told(settings)["answers"].state == "broken"


def test_deliveries_without_a_receiver_here_mean_another_machine(
    shop: Shop, settings: Settings
) -> None:
    shop.tell("SKU-1", event_id="e-1")
    lines = told(settings)
    assert (lines["answers"].state, lines["deliveries"].state) == ("warning", "ok")


def test_silence_refusals_and_alarms_are_warned_of(shop: Shop, settings: Settings) -> None:
    now = datetime.now(UTC)
    with shop.store.transaction() as tx:
        count_refusal(tx, reason="signature_unknown", at=now)
        raise_alarm(tx, name="no-worker", text="no worker", now=now)
    lines = told(settings)
    assert [lines[what].state for what in ("deliveries", "refused", "alarms")] == ["warning"] * 3


def test_without_a_pim_silence_and_a_missing_secret_are_as_they_should(settings: Settings) -> None:
    lines = told(replace(settings, source=None, webhook_secrets=()))
    assert (lines["deliveries"].state, lines["webhook secret"].state) == ("note", "note")


def test_a_pim_without_a_secret_for_its_deliveries_is_broken(settings: Settings) -> None:
    assert told(replace(settings, webhook_secrets=()))["webhook secret"].state == "broken"


def test_two_secrets_during_a_rotation_are_well(settings: Settings) -> None:
    rotating = replace(settings, webhook_secrets=(SecretStr(SECRET), SecretStr(SECRET[::-1])))
    line = told(rotating)["webhook secret"]
    assert (line.state, line.how) == ("ok", "2 secrets known")


@pytest.mark.parametrize("secret", ["short", '"quoted-quoted-quoted"', CLIENT_SECRET])
def test_a_secret_that_was_copied_badly_is_doubted_and_not_shown(
    settings: Settings, secret: str
) -> None:
    line = told(replace(settings, webhook_secrets=(SecretStr(secret),)))["webhook secret"]
    assert line.state == "warning"
    assert secret not in line.how + line.advice


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])  # noqa: S104 - what is told of it
def test_where_it_listens_is_told(settings: Settings, host: str) -> None:
    line = told(replace(settings, host=host))["exposure"]
    assert ("every address" in line.how) is (host != "127.0.0.1")
