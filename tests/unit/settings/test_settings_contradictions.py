"""Settings that do not go together: refused where nothing could work, remarked where it could."""

from pathlib import Path

import pytest

from settings import SettingsError, load_settings

APP = {"AKENEO_ACCESS_TOKEN": "hush"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {**APP, "AKENEO_BASE_URL": "http://127.0.0.1:8000"},
            "AKENEO_BASE_URL leads to our own receiver (SYNC_PORT); ",
        ),
        (
            {**APP, "AKENEO_BASE_URL": "http://shop.test", "SYNC_HOST": "shop.test",
             "SYNC_PORT": "80"},
            "AKENEO_BASE_URL leads to our own receiver (SYNC_PORT); ",
        ),
        (
            {**APP, "AKENEO_BASE_URL": "http://localhost:4200"},
            "AKENEO_BASE_URL leads to our Prefect server (PREFECT_SERVER_API_PORT); ",
        ),
        (
            {"PREFECT_API_URL": "http://[::1]:8000/api"},
            "PREFECT_API_URL leads to our own receiver (SYNC_PORT); ",
        ),
        ({"SYNC_PORT": "4200"}, "SYNC_PORT and PREFECT_SERVER_API_PORT are both 4200; "),
        (
            {"SYNC_PORT": "9000", "SYNC_API_PORT": "9000"},
            "SYNC_PORT and SYNC_API_PORT are both 9000; ",
        ),
        ({"SYNC_API_PORT": "4200"}, "PREFECT_SERVER_API_PORT and SYNC_API_PORT are both 4200; "),
    ],
)  # fmt: skip
def test_what_cannot_work_is_one_line(given: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(given, root=tmp_path)
    (line,) = caught.value.problems
    assert line.startswith(said)
    assert len(line.removeprefix(said).split()) > 3


@pytest.mark.parametrize(
    ("given", "port", "is_chosen"),
    [
        ({}, 8001, False),
        ({"SYNC_PORT": "8001"}, 8002, False),
        ({"SYNC_PORT": "4199"}, 4201, False),
        ({"SYNC_PORT": "65535"}, 65527, False),
        ({**APP, "AKENEO_BASE_URL": "http://127.0.0.1:8001"}, 8002, False),
        ({"PREFECT_API_URL": "http://127.0.0.1:8001/api"}, 8002, False),
        ({"SYNC_API_PORT": "9000"}, 9000, True),
    ],
)
def test_the_read_api_makes_room_for_whoever_was_there_before_it(
    given: dict[str, str],
    port: int,
    is_chosen: bool,  # noqa: FBT001 - parametrized
    tmp_path: Path,
) -> None:
    api = load_settings(given, root=tmp_path).api
    assert (api.port, api.is_chosen) == (port, is_chosen)


@pytest.mark.parametrize(
    "given",
    [
        {**APP, "AKENEO_BASE_URL": "http://127.0.0.1:8080"},
        {**APP, "AKENEO_BASE_URL": "https://pim.test:8000"},
        {"PREFECT_API_URL": "http://127.0.0.1:4200/api"},
        {"SYNC_HOST": "[::1]"},
    ],
)
def test_what_only_looks_alike_is_no_contradiction(given: dict[str, str], tmp_path: Path) -> None:
    assert load_settings(given, root=tmp_path).warnings == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SYNC_MAX_SESSION_SECONDS": "30"}, "SYNC_LINGER_SECONDS (60) is longer than SYNC_MAX_"),
        ({"SYNC_PACE_SECONDS": "301"}, "SYNC_PACE_SECONDS (301) is longer than SYNC_MAX_SESSION"),
        ({"SYNC_LEASE_SECONDS": "5"}, "SYNC_LEASE_SECONDS (5) is not longer than SYNC_BUSY_TIME"),
        ({"SYNC_MAX_BODY_BYTES": "4096"}, "SYNC_MAX_BODY_BYTES (4096) is less than ten large "),
    ],
)
def test_what_works_and_is_not_meant_is_a_remark(
    given: dict[str, str], said: str, tmp_path: Path
) -> None:
    (line,) = load_settings(given, root=tmp_path).warnings
    assert line.startswith(said)
    assert "; " in line


def test_an_ipv6_address_may_stand_in_brackets_as_in_a_url(tmp_path: Path) -> None:
    settings = load_settings({"SYNC_HOST": "[::1]"}, root=tmp_path)
    assert settings.host == "::1"
    assert settings.local_url == "http://[::1]:8000"
