"""What `doctor` makes of what it was told: both ways, without a network."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.checks.configuration import check_settings, report_problems
from cli.checks.database import report_room
from cli.checks.finding import Finding, Findings, State
from cli.checks.running import PartCheck, run_checks
from cli.checks.source import report_clock, report_facts, report_lists, report_stored, report_zone
from cli.checks.view import describe_sum, findings_object, is_broken
from flows.retention.disks import Room
from pim.errors import SourceForbidden, SourceNotFound, SourceRequestRefused
from pim.reading.discovery import SourceFacts
from pim.reading.source_check import CheckedList
from pim.reading.zone_check import ZoneFinding
from pim.vocabulary import Identity
from settings import Settings, SettingsError, load_settings
from storage.products.key_move import KeyMove

PIM = {
    "AKENEO_BASE_URL": "https://pim.example.com",
    "AKENEO_CLIENT_ID": "id",
    "AKENEO_CLIENT_SECRET": "the-client-secret",
    "AKENEO_USERNAME": "julia",
    "AKENEO_PASSWORD": "the-password",
}
COMMUNITY = SourceFacts(Identity.UUID, "sku", "7.0.1", "CE")
SERENITY = SourceFacts(Identity.UUID, "sku", "v2026", "Serenity")
FORBIDDEN = SourceForbidden("the source denies a right", status=403)
ABSENT = SourceNotFound("the source does not know it", status=404)


@pytest.fixture
def found() -> Findings:
    return Findings("part")


def states(found: Findings) -> dict[str, State]:
    return {finding.what: finding.state for finding in found.found}


def told(found: Findings, what: str) -> Finding:
    (finding,) = [each for each in found.found if each.what == what]
    return finding


def settings_in(folder: Path, **env: str) -> Settings:
    return load_settings({**PIM, **env}, root=folder)


def test_a_check_that_fails_or_hangs_hides_no_other() -> None:
    release = threading.Event()

    def well(found: Findings) -> None:
        found.ok("itself", "fine")

    def failing(_found: Findings) -> None:
        raise RuntimeError("the secret is hunter2")

    def hanging(found: Findings) -> None:
        found.ok("first", "done")
        release.wait(60)

    checks = [PartCheck("a", hanging), PartCheck("b", failing), PartCheck("c", well)]
    findings = run_checks(checks, seconds=0.3)
    release.set()

    assert [(each.part, each.what, each.state) for each in findings] == [
        ("a", "first", State.OK),
        ("a", "time", State.BROKEN),
        ("b", "check", State.BROKEN),
        ("c", "itself", State.OK),
    ]
    assert "hunter2" not in "".join(each.how for each in findings)


def test_warnings_are_allowed_and_broken_things_are_not() -> None:
    warning = Finding("p", "w", State.WARNING, "so so", "mend")
    broken = Finding("p", "b", State.BROKEN, "gone", "mend")

    assert not is_broken([warning])
    assert is_broken([warning, broken])
    assert describe_sum([warning]) == "nothing is broken, 1 warning"
    assert describe_sum([warning, broken]) == "1 thing broken, 1 warning"
    assert findings_object([broken]) == {
        "ok": False,
        "checks": [{"part": "p", "what": "b", "state": "broken", "how": "gone", "advice": "mend"}],
    }


def test_every_problem_of_the_settings_is_a_line(found: Findings) -> None:
    report_problems(SettingsError(["SYNC_PORT is not usable", "SYNC_HOST is no host"]), found)
    assert [finding.state for finding in found.found] == [State.BROKEN, State.BROKEN, State.NOTE]


def test_a_pim_in_the_settings_is_shown_without_its_secrets(
    found: Findings, tmp_path: Path
) -> None:
    check_settings(settings_in(tmp_path), found)
    assert states(found) == {"PIM": State.OK, ".env": State.NOTE}
    assert told(found, "PIM").how == "https://pim.example.com, as julia"


def test_no_pim_and_misspelt_names_are_warned_of(found: Findings, tmp_path: Path) -> None:
    settings = load_settings({"SYNC_PROT": "1"}, root=tmp_path)
    check_settings(settings, found)
    assert states(found)["PIM"] is State.WARNING
    assert "did you mean SYNC_PORT?" in told(found, "name").how


def test_credentials_over_http_are_warned_of(found: Findings, tmp_path: Path) -> None:
    check_settings(settings_in(tmp_path, AKENEO_BASE_URL="http://pim.example.com"), found)
    assert states(found)["encryption"] is State.WARNING


@pytest.mark.parametrize(("mode", "state"), [(0o644, State.WARNING), (0o600, State.OK)])
def test_an_env_file_that_others_can_read_is_warned_of(
    found: Findings, tmp_path: Path, mode: int, state: State
) -> None:
    file = tmp_path / ".env"
    file.write_text("SYNC_PORT=8001\n")
    file.chmod(mode)
    check_settings(settings_in(tmp_path), found)
    assert states(found)[".env"] is state


def test_a_data_folder_that_others_can_look_into_is_warned_of(
    found: Findings, tmp_path: Path
) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    check_settings(settings_in(tmp_path), found)
    assert told(found, "rights").advice == f"chmod 700 {folder}"

    folder.chmod(0o700)
    again = Findings("part")
    check_settings(settings_in(tmp_path), again)
    assert "rights" not in states(again)


@pytest.mark.parametrize(
    ("free", "state"),
    [(50 * 10**9, State.OK), (900 * 10**6, State.WARNING), (20 * 10**6, State.BROKEN)],
)
def test_a_disk_that_fills_is_told_before_it_is_full(
    found: Findings, free: int, state: State
) -> None:
    report_room(Room(Path("/srv"), total=100 * 10**9, free=free), found)
    assert states(found) == {"room": state}


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0, State.OK),
        (-5, State.OK),
        (45, State.WARNING),
        (-45, State.WARNING),
        (437, State.BROKEN),
        (-437, State.BROKEN),
    ],
)
def test_a_clock_is_judged_by_what_it_does_to_deliveries(
    found: Findings, seconds: int, state: State
) -> None:
    report_clock([timedelta(seconds=seconds)], found)
    assert states(found) == {"clock": state}


def test_of_several_readings_of_a_clock_the_nearest_counts(found: Findings) -> None:
    report_clock([timedelta(seconds=-400), timedelta(seconds=-1)], found)
    assert states(found) == {"clock": State.OK}


def test_version_edition_and_identity_are_told(found: Findings) -> None:
    report_facts(replace(SERENITY, identity=Identity.IDENTIFIER), found)
    assert "v2026, edition Serenity; products are known by identifier" in found.found[0].how


@pytest.mark.parametrize(
    ("stored", "state", "word"),
    [
        (SERENITY, State.OK, "for what it is"),
        (replace(SERENITY, identity=Identity.IDENTIFIER), State.WARNING, "by identifier as before"),
        (replace(SERENITY, version="v2025"), State.NOTE, "v2026 now, no more v2025"),
        (replace(SERENITY, main_identifier="ean"), State.NOTE, "sku now, no more ean"),
    ],
)
def test_what_runs_go_by_is_compared_with_what_the_pim_is(
    found: Findings, stored: SourceFacts, state: State, word: str
) -> None:
    report_stored(stored, None, SERENITY, found)
    assert states(found) == {"as stored": state}
    assert word in told(found, "as stored").how


def test_a_pim_that_knows_no_uuids_any_more_is_broken(found: Findings) -> None:
    report_stored(SERENITY, None, replace(SERENITY, identity=Identity.IDENTIFIER), found)
    assert states(found) == {"as stored": State.BROKEN}


def test_keys_on_their_way_are_said_with_how_far_they_are(found: Findings) -> None:
    report_stored(SERENITY, KeyMove(20_000, 12_000), SERENITY, found)
    assert "12,000 of 20,000" in told(found, "as stored").how


def test_a_missing_right_says_what_to_tick(found: Findings) -> None:
    report_lists([CheckedList("families", FORBIDDEN), CheckedList("channels")], SERENITY, found)
    assert states(found) == {"families": State.WARNING, "rights": State.OK}
    assert 'tick "Overall Web API access" and "List families"' in told(found, "families").advice
    assert told(found, "rights").how == "may read channels"


@pytest.mark.parametrize("error", [FORBIDDEN, ABSENT])
def test_without_products_nothing_works(
    found: Findings, error: SourceForbidden | SourceNotFound
) -> None:
    report_lists([CheckedList("products", error)], None, found)
    assert states(found) == {"products": State.BROKEN}


@pytest.mark.parametrize("error", [FORBIDDEN, ABSENT])
def test_a_community_edition_without_entities_is_no_error(
    found: Findings, error: SourceForbidden | SourceNotFound
) -> None:
    lists = [CheckedList("reference entities", error, optional=True)]
    report_lists(lists, COMMUNITY, found)
    assert states(found) == {"reference entities": State.NOTE}
    assert told(found, "reference entities").how.startswith("not in this PIM (Community)")


def test_a_refusal_of_a_pim_that_does_not_tell_its_edition_may_be_a_right(found: Findings) -> None:
    silent = replace(SERENITY, edition=None)
    report_lists([CheckedList("asset families", FORBIDDEN, optional=True)], silent, found)
    assert states(found) == {"asset families": State.NOTE}
    assert told(found, "asset families").how.startswith("403: ")
    assert 'tick "List asset families"' in told(found, "asset families").advice


def test_another_edition_without_the_right_to_entities_is_warned_of(found: Findings) -> None:
    report_lists([CheckedList("reference entities", FORBIDDEN, optional=True)], SERENITY, found)
    assert states(found) == {"reference entities": State.WARNING}


def test_a_list_that_refuses_our_question_is_warned_of(found: Findings) -> None:
    refused = SourceRequestRefused("the source refuses the request", status=422)
    report_lists([CheckedList("categories", refused)], COMMUNITY, found)
    assert states(found) == {"categories": State.WARNING}


@pytest.mark.parametrize(
    ("zone", "state"),
    [
        (None, State.NOTE),
        (ZoneFinding(misses=False, overreaches=False), State.OK),
        (ZoneFinding(misses=False, overreaches=True, offset=timedelta(hours=2)), State.WARNING),
        (ZoneFinding(misses=True, overreaches=False, offset=timedelta(hours=-5)), State.BROKEN),
    ],
)
def test_a_wrong_zone_is_told_with_the_right_one(
    found: Findings, zone: ZoneFinding | None, state: State
) -> None:
    report_zone(zone, "UTC", found)
    assert states(found) == {"time zone": state}
    if state is State.BROKEN:
        assert "it seems to be UTC-05:00" in found.found[0].advice


def test_secrets_of_the_settings_are_in_no_repr(tmp_path: Path) -> None:
    settings = settings_in(
        tmp_path,
        AKENEO_WEBHOOK_SECRETS="the-webhook-secret",
        SYNC_DATABASE_URL="postgresql://u:the-db-password@host/name",
        PREFECT_API_AUTH_STRING="admin:the-prefect-password",
        PREFECT_API_KEY="the-prefect-key",
    )
    assert settings.prefect_login.api_key == SecretStr("the-prefect-key")
    shown = repr(settings)
    for secret in ("client-secret", "password", "webhook-secret", "prefect-key"):
        assert f"the-{secret}" not in shown
