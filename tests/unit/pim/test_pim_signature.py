from datetime import UTC, datetime, timedelta

import pytest

from pim.signature import RefusalReason, SignatureRefusal, check_signature, sign_delivery

SECRET = "fixture-secret-1"
STAMP = "1700000000"
NOW = datetime.fromtimestamp(1_700_000_000, UTC)
BODY = (
    rb'{"events":[{"action":"product.removed","event_id":"0b4c9c2e-6a55-4f0e-9a43-0d8d8f1f7a11",'
    rb'"event_datetime":"2023-11-14T22:13:20+00:00","author":"julia","author_type":"ui",'
    rb'"pim_source":"https:\/\/pim.example.test","data":{"resource":{"identifier":"1111111171",'
    rb'"uuid":"7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"}}}]}'
)
EMPTY_SIGNATURE = "e28d1a0b228135c3ffa694ffb24f32f68812f07682a9c18fc997ff084b236833"
BODY_SIGNATURE = "685bd7c38790ee0baf0bc8e295da8b71b5c20c984c7be7664b45fee70446355e"


def _check(
    *,
    secrets: tuple[str, ...] = (SECRET,),
    signature: str | None = BODY_SIGNATURE,
    timestamp: str | None = STAMP,
    body: bytes = BODY,
    now: datetime = NOW,
) -> SignatureRefusal | None:
    return check_signature(
        secrets=secrets, signature=signature, timestamp=timestamp, body=body, now=now
    )


@pytest.mark.parametrize(
    ("body", "signature"), [(b"", EMPTY_SIGNATURE), (BODY, BODY_SIGNATURE)], ids=["empty", "batch"]
)
def test_known_deliveries_have_their_known_signatures(body: bytes, signature: str) -> None:
    assert sign_delivery(SECRET, STAMP, body) == signature
    assert _check(body=body, signature=signature) is None


def test_any_of_several_secrets_is_accepted() -> None:
    assert _check(secrets=("new-secret", SECRET)) is None
    assert _check(secrets=(SECRET, "new-secret")) is None


def test_without_secrets_nothing_is_accepted() -> None:
    assert _check(secrets=()) == SignatureRefusal(RefusalReason.SIGNATURE_UNKNOWN, 0)


def test_an_empty_secret_lets_nobody_in() -> None:
    forged = sign_delivery("", STAMP, BODY)
    assert _check(secrets=("",), signature=forged) is not None


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], BODY.replace(rb"\/", b"/")])
def test_one_changed_byte_is_refused(body: bytes) -> None:
    assert _check(body=body) == SignatureRefusal(RefusalReason.SIGNATURE_UNKNOWN, 0)


@pytest.mark.parametrize("signature", [None, ""])
def test_a_missing_signature_is_named(signature: str | None) -> None:
    assert _check(signature=signature) == SignatureRefusal(RefusalReason.SIGNATURE_MISSING)


@pytest.mark.parametrize("timestamp", [None, ""])
def test_a_missing_timestamp_is_named(timestamp: str | None) -> None:
    assert _check(timestamp=timestamp) == SignatureRefusal(RefusalReason.TIMESTAMP_MISSING)


@pytest.mark.parametrize(
    "timestamp", ["soon", "1e9", "-1", "17000000.5", "\N{ARABIC-INDIC DIGIT ONE}7", "9" * 500, " 1"]
)
def test_an_unreadable_timestamp_is_named(timestamp: str) -> None:
    signature = sign_delivery(SECRET, timestamp, BODY)
    refusal = _check(timestamp=timestamp, signature=signature)
    assert refusal == SignatureRefusal(RefusalReason.TIMESTAMP_UNREADABLE)


@pytest.mark.parametrize("signature", ["ä" * 64, "\ud800", "\x00", "e28d" * 5000])
def test_an_odd_signature_is_refused_and_never_raises(signature: str) -> None:
    refusal = _check(signature=signature)
    assert refusal == SignatureRefusal(RefusalReason.SIGNATURE_UNKNOWN, 0)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_accepted(seconds: int) -> None:
    assert _check(now=NOW + timedelta(seconds=seconds)) is None


@pytest.mark.parametrize("seconds", [-437, -301, 301, 437])
def test_a_clock_that_is_off_is_told_by_how_much(seconds: int) -> None:
    refusal = _check(now=NOW - timedelta(seconds=seconds))
    assert refusal == SignatureRefusal(RefusalReason.CLOCK_OFF, seconds)


def test_a_clock_is_not_blamed_for_a_wrong_signature() -> None:
    refusal = _check(signature="0" * 64, now=NOW + timedelta(hours=1))
    assert refusal == SignatureRefusal(RefusalReason.SIGNATURE_UNKNOWN, -3600)


def test_upper_case_hex_is_not_what_the_pim_sends() -> None:
    assert _check(signature=BODY_SIGNATURE.upper()) is not None
