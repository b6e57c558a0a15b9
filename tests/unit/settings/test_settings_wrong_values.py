"""Every setting with wrong values: one line with the name, the cause and the cure; no secret.

The settings are those that there are: a new one fails here until its wrong values are known.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from settings import SettingsError, load_settings
from settings.values import Values

NOWHERE = Path("/nowhere")
NO_NUMBERS = ("soon", "nan", "inf", "1e999", "1,5", "5 s", "5;", "0x10", "None", "\u00bd", "1 000")

# Texts: what is wrong beside the slips that no setting may hold. A number's limits are read off.
WRONG_TEXTS: dict[str, tuple[str, ...]] = {
    "akeneo_base_url": ("pim.hush.test", "https://", "https://u:hush@pim.test", "file:///hush"),
    "akeneo_client_id": (),
    "akeneo_client_secret": (),
    "akeneo_username": (),
    "akeneo_password": (),
    "akeneo_access_token": ("hush hush", "h\u00fcsh"),
    "akeneo_webhook_secrets": ("hush,,hush", ",", "hush,"),
    "akeneo_event_platform_secrets": ("hush,,hush", ",", "hush,"),
    "akeneo_event_platform_notification_secret": (),
    "akeneo_event_platform_url": ("hush.test", "https://u:hush@x.test", "https://x.test/?hush=1"),
    "akeneo_timezone": ("Europe/Pariss", "Mars", "+01:00", "CETX"),
    "sync_database_url": (
        "mysql://u:hush@db/x",
        "postgresql://u:hush@db",
        "postgresql://u:hu@sh@db/x",
        "postgresql://u:12/hush@db/x",
        "postgresql://u:hush@db/x#hush",
        "sqlite:///:memory:",
        "sqlite:///" + "x" * 300,
        "/var/shop.db",
    ),
    "sync_host": ("http://0.0.0.0", "0.0.0.0:8000/x", "a b", "x" * 64, "h\u00f4te"),
    "sync_api_port": ("0", "65536", *NO_NUMBERS),
    "sync_api_host": ("http://0.0.0.0", "0.0.0.0:8010/x", "a b", "x" * 64, "h\u00f4te"),
    "sync_public_url": (
        "sync.hush.test",
        "https://u:hush@sync.test",
        "https://sync.test/webhooks/event-platform",
    ),
    "sync_skip_own_events": ("hush", "2", "maybe"),
    "sync_log_format": ("xml", "jsonl", "text,json"),
    "sync_log_level": ("hush", "TRACE", "10"),
    "sync_work_pool_type": ("warm pool", "a/b", "\u00e9"),
    "sync_work_pool_name": ("my pool", "a/b", "\u00e9"),
    "prefect_api_url": ("127.0.0.1:4200/api", "http://127.0.0.1:4200", "http://u:hush@prefect/api"),
    "prefect_home": (),
    "prefect_api_key": ("hush hush", "h\u00fcsh"),
    "prefect_api_auth_string": ("hush", "hush:", ":hush"),
    "prefect_server_api_auth_string": ("hush", "hush:", ":hush"),
}
SLIPS = (
    "hu\nsh",
    "hu\0sh",
    "hush\u200b",
    "\ufeffhush",
    "hu\u00a0sh",
    "hu\udcffsh",
    "<hush>",
    "\u2026",
)
QUOTED = ('"hush"', "'hush'", "`hush`", "\u201chush\u201d")
MAY_BE_QUOTED = {
    "akeneo_password", "prefect_api_auth_string", "prefect_server_api_auth_string",
}  # fmt: skip
LOGIN = {
    "AKENEO_CLIENT_ID": "hush-id",
    "AKENEO_CLIENT_SECRET": "hush-secret",
    "AKENEO_USERNAME": "hush-user",
    "AKENEO_PASSWORD": "hush-password",
}
PIM = {"AKENEO_BASE_URL": "https://pim.test", **LOGIN}
APP = {"AKENEO_BASE_URL": "https://pim.test", "AKENEO_ACCESS_TOKEN": "hush"}


def is_number(field: FieldInfo) -> bool:
    return field.annotation in {int, float}


def numbers_past_the_limits(field: FieldInfo) -> Iterator[str]:
    for limit in field.metadata:
        match limit:
            case Ge():
                yield str(float(str(limit.ge)) - 1)
            case Gt():
                yield str(limit.gt)
            case Le():
                yield str(float(str(limit.le)) + 1)
            case Lt():
                yield str(limit.lt)
            case _:
                pass


def wrong_values() -> list[tuple[str, str]]:
    cases = []
    for name, field in Values.model_fields.items():
        if is_number(field):
            texts = [*NO_NUMBERS, *numbers_past_the_limits(field), *SLIPS, *QUOTED]
        else:
            quoted = () if name in MAY_BE_QUOTED else QUOTED
            texts = [*WRONG_TEXTS.get(name, ()), *SLIPS, *quoted]
        cases += [(name.upper(), text) for text in texts]
    return cases


def surroundings(name: str) -> dict[str, str]:
    return APP if name == "AKENEO_ACCESS_TOKEN" else PIM


def test_every_setting_is_a_number_with_limits_or_has_wrong_texts_listed_here() -> None:
    texts = {name for name, field in Values.model_fields.items() if not is_number(field)}
    assert texts == set(WRONG_TEXTS), "say in WRONG_TEXTS what a new setting must refuse"
    for name, field in Values.model_fields.items():
        if is_number(field):
            assert len([*numbers_past_the_limits(field)]) == 2, f"{name} has no two limits"


@pytest.mark.parametrize(("name", "text"), wrong_values(), ids=repr)
def test_a_wrong_value_is_one_line_with_cause_and_cure(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({**surroundings(name), name: text}, root=NOWHERE)
    (line,) = caught.value.problems
    assert line.startswith(f"{name} ")
    assert "; " in line or " must be " in line or " put them in " in line
    assert line.isprintable()
    assert len(line) < 300
    assert "hush" not in line


@pytest.mark.parametrize("name", sorted(Values.model_fields))
@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_set_to_nothing_is_not_set(name: str, blank: str) -> None:
    assert load_settings({name.upper(): blank}, root=NOWHERE) == load_settings({}, root=NOWHERE)


@pytest.mark.parametrize("name", sorted(MAY_BE_QUOTED))
def test_a_password_in_quotes_is_remarked(name: str) -> None:
    settings = load_settings({**PIM, name.upper(): '"us:hush"'}, root=NOWHERE)
    (line,) = settings.warnings
    assert line.startswith(f"{name.upper()} begins and ends with a quote; ")
    assert "hush" not in line


@pytest.mark.parametrize(
    "name", sorted(name for name in Values.model_fields if name.startswith(("akeneo_", "sync_")))
)
def test_a_name_with_a_letter_too_few_is_said(name: str) -> None:
    (line,) = load_settings({name.upper()[:-1]: "hush"}, root=NOWHERE).warnings
    assert line.endswith(f"did you mean {name.upper()}?")
