"""Each problem is one line: the setting's name, what is wrong, the cure, and never a secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from settings import SettingsError, TokenLogin, load_settings

BASE = {"AKENEO_BASE_URL": "https://pim.example.test"}
LOGIN = {
    "AKENEO_CLIENT_ID": "id-hush",
    "AKENEO_CLIENT_SECRET": "secret-hush",
    "AKENEO_USERNAME": "user-hush",
    "AKENEO_PASSWORD": "password-hush",
}


def problems_of(env: dict[str, str], root: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(env, root=root)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert "hush" not in str(caught.value)
    assert all("\n" not in line for line in caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("AKENEO_BASE_URL", "pim.hush.test", "does not start with https:// or http://"),
        ("AKENEO_BASE_URL", "ftp://pim.hush.test", "does not start with https:// or http://"),
        ("AKENEO_BASE_URL", "https://", "names no host"),
        ("AKENEO_BASE_URL", "https://pim.test:99999", "unusual host or port"),
        ("AKENEO_BASE_URL", "https://pim .test", "space or control character"),
        ("AKENEO_BASE_URL", "https://u:hush@pim.test", "AKENEO_USERNAME and AKENEO_PASSWORD"),
        ("AKENEO_BASE_URL", "https://pim.test/api/rest/v1/", "the API's own path"),
        ("AKENEO_BASE_URL", "https://pim.test?x=hush", "query or fragment"),
        ("AKENEO_TIMEZONE", "Mars/Olympus", "is no time zone known here"),
        ("AKENEO_TIMEZONE", "Europe/Pariss", "did you mean Europe/Paris?"),
        ("AKENEO_TIMEZONE", "Europe", "is no time zone known here"),
        ("AKENEO_TIMEZONE", "../etc/passwd", "is no time zone known here"),
        ("AKENEO_WEBHOOK_SECRETS", "hush,,hush2", "holds a blank secret"),
        ("AKENEO_WEBHOOK_SECRETS", "hush,", "holds a blank secret"),
        ("SYNC_DATABASE_URL", "mysql://u:hush@db/shop", "no kind of database we know"),
        ("SYNC_DATABASE_URL", "postgres://u:hush@db/shop", "no kind of database we know"),
        ("SYNC_DATABASE_URL", "postgresql+psycopg://u:hush@db/x", "no kind of database we know"),
        ("SYNC_DATABASE_URL", "var/shop.db", "no kind of database we know"),
        ("SYNC_DATABASE_URL", "sqlite://", "no kind of database we know"),
        ("SYNC_DATABASE_URL", "postgresql://u:hush@db", "names no database"),
        ("SYNC_DATABASE_URL", "postgresql:shop", "names no database"),
        ("SYNC_DATABASE_URL", "postgresql://u:hush@db:port/shop", "unusual host or port"),
        ("SYNC_DATABASE_URL", "sqlite:///:memory:", "would live in memory"),
        ("SYNC_DATABASE_URL", "sqlite:///", "would live in memory"),
        ("SYNC_DATABASE_URL", "sqlite:///var/x.db?mode=ro", "carries options"),
        ("SYNC_HOST", "http://0.0.0.0", "no host name or address"),
        ("SYNC_PORT", "0", "a whole number from 1 to 65535"),
        ("SYNC_PORT", "65536", "a whole number from 1 to 65535"),
        ("SYNC_PORT", "eighty", "a whole number from 1 to 65535"),
        ("PREFECT_SERVER_API_PORT", "-1", "a whole number from 1 to 65535"),
        ("PREFECT_API_URL", "127.0.0.1:4200/api", "does not start with https:// or http://"),
        ("PREFECT_API_URL", "http://127.0.0.1:4200", "has no /api in its path"),
        ("SYNC_WORK_POOL_TYPE", "warm pool", "letters, digits"),
        ("SYNC_WORK_POOL_NAME", "a/b", "letters, digits"),
        ("SYNC_LINGER_SECONDS", "-1", "seconds from 0"),
        ("SYNC_LINGER_SECONDS", "inf", "seconds from 0"),
        ("SYNC_MAX_SESSION_SECONDS", "0", "seconds above 0"),
        ("SYNC_PACE_SECONDS", "nan", "seconds from 0"),
        ("SYNC_LEASE_SECONDS", "soon", "seconds from 1"),
        ("SYNC_MAX_ATTEMPTS", "0", "from 1 to 100"),
        ("SYNC_MAX_ATTEMPTS", "2.5", "from 1 to 100"),
        ("SYNC_MAX_DELETE_SHARE", "1.5", "a share from 0 to 1"),
        ("SYNC_CLOCK_DOUBT_SECONDS", "-0.1", "seconds from 0"),
        ("SYNC_OVERLAP_SECONDS", "x", "seconds from 0"),
        ("SYNC_MAX_BODY_BYTES", "1", "bytes from 1024"),
        ("SYNC_BUSY_TIMEOUT_SECONDS", "0", "seconds above 0"),
        ("SYNC_CALL_TIMEOUT_SECONDS", "61", "at most 60"),
    ],
)
def test_a_refused_value_is_one_line_with_name_problem_and_cure(
    name: str, text: str, said: str, tmp_path: Path
) -> None:
    rest = LOGIN if name == "AKENEO_BASE_URL" else {}

    lines = problems_of({**rest, name: text}, tmp_path)

    refused = [line for line in lines if line.startswith(f"{name} ")]
    assert len(refused) == 1
    assert said in refused[0]
    cure = refused[0].partition("; " if "; " in refused[0] else " must be ")[2]
    assert len(cure.split()) >= 3


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    lines = problems_of(
        {"SYNC_PORT": "x", "SYNC_PACE_SECONDS": "x", "SYNC_DATABASE_URL": "x"}, tmp_path
    )

    assert [line.split()[0] for line in lines] == [
        "SYNC_PACE_SECONDS",
        "SYNC_PORT",
        "SYNC_DATABASE_URL",
    ]


@pytest.mark.parametrize("left_out", sorted(LOGIN))
def test_a_partial_login_names_what_is_missing(left_out: str, tmp_path: Path) -> None:
    partial = {name: value for name, value in LOGIN.items() if name != left_out}

    lines = problems_of({**BASE, **partial}, tmp_path)

    assert len(lines) == 1
    assert lines[0].startswith(f"{left_out} is missing; ")


def test_two_missing_are_one_line(tmp_path: Path) -> None:
    env = {**BASE, "AKENEO_CLIENT_ID": "x", "AKENEO_USERNAME": "y"}

    (line,) = problems_of(env, tmp_path)

    assert line.startswith("AKENEO_CLIENT_SECRET and AKENEO_PASSWORD are missing; ")


def test_a_pim_without_any_login_names_both_ways(tmp_path: Path) -> None:
    (line,) = problems_of(BASE, tmp_path)

    assert line.startswith("AKENEO_BASE_URL is set, but no login; set AKENEO_CLIENT_ID, ")
    assert "AKENEO_ACCESS_TOKEN of an App" in line


def test_token_and_password_contradict(tmp_path: Path) -> None:
    env = {**BASE, "AKENEO_ACCESS_TOKEN": "hush", "AKENEO_PASSWORD": "hush"}

    (line,) = problems_of(env, tmp_path)

    assert line.startswith("AKENEO_ACCESS_TOKEN is set together with AKENEO_PASSWORD, ")


def test_an_apps_client_id_goes_with_its_token(tmp_path: Path) -> None:
    env = {**BASE, "AKENEO_ACCESS_TOKEN": "hush", "AKENEO_CLIENT_ID": "app-1"}

    source = load_settings(env, root=tmp_path).source

    assert source is not None
    assert source.login == TokenLogin(SecretStr("hush"), "app-1")


@pytest.mark.parametrize("name", [*sorted(LOGIN), "AKENEO_ACCESS_TOKEN"])
def test_a_login_without_a_pim_is_not_silently_the_demo(name: str, tmp_path: Path) -> None:
    (line,) = problems_of({name: "hush"}, tmp_path)

    assert line.startswith(f"AKENEO_BASE_URL is missing, though {name} is set; ")


def test_webhook_secrets_alone_serve_a_receiver_and_are_remarked(tmp_path: Path) -> None:
    settings = load_settings({"AKENEO_WEBHOOK_SECRETS": "hush"}, root=tmp_path)

    assert len(settings.webhook_secrets) == 1
    (line,) = settings.warnings
    assert line.startswith("AKENEO_WEBHOOK_SECRETS is set, but AKENEO_BASE_URL is not: ")


def test_a_refused_address_is_not_also_a_missing_one(tmp_path: Path) -> None:
    lines = problems_of({**LOGIN, "AKENEO_BASE_URL": "nonsense"}, tmp_path)

    assert len(lines) == 1


def test_receiver_and_prefect_server_cannot_share_a_port(tmp_path: Path) -> None:
    (line,) = problems_of({"SYNC_PORT": "4200"}, tmp_path)

    assert line.startswith("SYNC_PORT and PREFECT_SERVER_API_PORT are both 4200; ")
    elsewhere = {"SYNC_PORT": "4200", "PREFECT_API_URL": "http://prefect.test/api/"}
    assert load_settings(elsewhere, root=tmp_path).prefect_api_url == "http://prefect.test/api"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("AKENEO_CLIENT_SECERT", "AKENEO_CLIENT_SECRET"),
        ("AKENEO_CLIENTID", "AKENEO_CLIENT_ID"),
        ("AKENO_BASE_URL", "AKENEO_BASE_URL"),
        ("AKENEO_WEBHOOK_SECRET", "AKENEO_WEBHOOK_SECRETS"),
        ("SYNC_DATABSE_URL", "SYNC_DATABASE_URL"),
        ("sync_port", "SYNC_PORT"),
    ],
)
def test_a_misspelt_name_is_a_warning_with_the_name_meant(
    written: str, meant: str, tmp_path: Path
) -> None:
    settings = load_settings({written: "hush"}, root=tmp_path)

    assert settings.warnings == (
        f"{written} is not a setting and is ignored; did you mean {meant}?",
    )


def test_a_misspelt_name_stands_beside_the_missing_one(tmp_path: Path) -> None:
    env = {**BASE, **LOGIN, "AKENEO_CLIENT_SECERT": "hush"}
    del env["AKENEO_CLIENT_SECRET"]

    missing, hint = problems_of(env, tmp_path)

    assert missing.startswith("AKENEO_CLIENT_SECRET is missing")
    assert "did you mean AKENEO_CLIENT_SECRET?" in hint


@pytest.mark.parametrize(
    "name", ["PATH", "DATABASE_URL", "PREFECT_UI_API_URL", "PREFECT_API_KEY", "SYNC", "HOST"]
)
def test_other_programs_names_are_left_alone(name: str, tmp_path: Path) -> None:
    assert load_settings({name: "x"}, root=tmp_path).warnings == ()


@pytest.mark.parametrize("name", ["PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"])
def test_a_prefect_login_without_its_password_is_refused_and_not_shown(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({name: "only-half-of-it"}, root=tmp_path)
    assert name in str(refused.value)
    assert "only-half-of-it" not in str(refused.value)


def test_two_logins_for_one_server_contradict_each_other(tmp_path: Path) -> None:
    env = {"PREFECT_API_AUTH_STRING": "a:one-one", "PREFECT_SERVER_API_AUTH_STRING": "a:two-two"}
    with pytest.raises(SettingsError, match="differ"):
        load_settings(env, root=tmp_path)
    load_settings({**env, "PREFECT_API_URL": "https://prefect.example.com/api"}, root=tmp_path)


def test_a_password_in_prefects_address_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"PREFECT_API_URL": "https://me:hunter2@prefect.test/api"}, root=tmp_path)
    assert "PREFECT_API_AUTH_STRING" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_folder_that_no_sqlite_address_can_name_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({}, root=tmp_path / "what?")
    assert len(caught.value.problems) == 1
    assert "rename it" in caught.value.problems[0]
    with pytest.raises(SettingsError, match="PREFECT_HOME has a '\\?'"):
        load_settings({"PREFECT_HOME": "what?"}, root=tmp_path)
