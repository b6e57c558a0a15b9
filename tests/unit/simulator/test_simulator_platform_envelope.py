"""CloudEvents and signatures byte for byte, as they are documented."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from pim.event_platform import sign_body
from pim.json_types import JsonObject
from simulator.config import EventPlatformConfig
from simulator.news.envelope import (
    encode_event,
    encode_json,
    instant_text,
    make_id,
    signature_headers,
)

PRIMARY = "fixture-primary-secret-0001"
SECONDARY = "fixture-secondary-secret-02"
EVENT: JsonObject = {
    "product": {"uuid": "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"},
    "author": {"identifier": "c2f0a3de-6a0d-4a4e-9d4e-1f6f2a9b7c55", "type": "user"},
}


def an_event(**settings: object) -> bytes:
    return encode_event(
        EventPlatformConfig(**settings),  # type: ignore[arg-type] # by field name
        "com.akeneo.pim.v1.product.updated",
        EVENT,
        event_id="018e197c-dfe2-70f8-9346-1a8e016f5fbb",
        subject="0190fe8a-6213-76ce-8a9f-ba36a5ef555a",
        time="2026-11-20T09:15:42Z",
    )


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        (
            "fixture-secret-1",
            b'{"specversion":"1.0"}',
            "4b936c555c72aa9ede7db44608e555c70ea887a89a85a1107c254315c33aea66",
        ),
        (
            PRIMARY,
            '{"name":"Lámpara é","url":"a/b"}'.encode(),
            "8c890f6051a3e9cae195257fcfe664b058ca1ba7f7c832e552d674480e6668e4",
        ),
    ],
)
def test_the_raw_body_alone_is_signed(secret: str, body: bytes, signature: str) -> None:
    assert sign_body(secret, body) == signature


def test_an_event_is_one_line_that_two_secrets_sign() -> None:
    body = an_event()

    assert len(body) == 502
    assert signature_headers(body, PRIMARY, SECONDARY) == {
        "X-AKENEO-SIGNATURE-ALGORITHM": "HmacSHA256",
        "X-AKENEO-SIGNATURE-PRIMARY": (
            "337b9de703c37d39a13b007a87b1ff8fd816fdb0ba054725bb42b3bda687ef98"
        ),
        "X-AKENEO-SIGNATURE-SECONDARY": (
            "63c95f4c4ff7b3a1088f9ddb3b41dfecf57f2c1364563f5b107a5f964b9aa525"
        ),
    }
    assert "X-AKENEO-SIGNATURE-SECONDARY" not in signature_headers(body, PRIMARY)


def test_the_source_can_be_the_one_of_the_old_documents() -> None:
    assert json.loads(an_event())["source"] == "akeneo-event-platform"
    assert json.loads(an_event(source_value="pim"))["source"] == "pim"


def test_markup_is_escaped_as_go_does_and_letters_are_not() -> None:
    assert encode_json({"text": "<b>é & 日本</b>"}) == (
        '{"text":"\\u003cb\\u003eé \\u0026 日本\\u003c/b\\u003e"}'.encode()
    )


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        (0, "2026-03-05T12:00:00Z"),
        (3, "2026-03-05T12:00:00.250Z"),
        (6, "2026-03-05T12:00:00.250000Z"),
        (9, "2026-03-05T12:00:00.250000000Z"),
    ],
)
def test_an_instant_has_as_many_digits_as_asked_for(digits: int, told: str) -> None:
    moment = datetime(2026, 3, 5, 12, 0, 0, 250_000, tzinfo=UTC)

    assert instant_text(moment.timestamp(), digits) == told


def test_an_id_is_a_uuid_of_version_7_in_the_order_of_time() -> None:
    early, late = (make_id(datetime(2026, 3, day, tzinfo=UTC)) for day in (5, 6))

    assert UUID(early).version == 7
    assert early < late
    assert make_id(datetime(2026, 3, 5, tzinfo=UTC)) != early
