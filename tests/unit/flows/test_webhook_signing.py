"""Signatures as Standard Webhooks describes them, and what is told by a signed request."""

from datetime import UTC, datetime

from flows.notifying.message import sign, signed_headers
from tests.hook_shop import is_signed

# The example that the standard's libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_a_signature_is_that_of_the_standard_s_example() -> None:
    assert sign(SECRET, message_id=MESSAGE, timestamp=str(STAMP), body=BODY) == SIGNATURE


def test_each_secret_signs_and_a_receiver_of_either_takes_it() -> None:
    at = datetime.fromtimestamp(STAMP, UTC)
    headers = signed_headers((OTHER, SECRET), message_id=MESSAGE, at=at, body=BODY)
    assert headers["webhook-id"] == MESSAGE
    assert headers["webhook-timestamp"] == str(STAMP)
    first, second = headers["webhook-signature"].split(" ")
    assert first != second == SIGNATURE
    assert is_signed(SECRET, headers, BODY)
    assert is_signed(OTHER, headers, BODY)
    assert not is_signed(SECRET, headers, BODY + b" ")
    assert not is_signed(SECRET, {**headers, "webhook-id": "msg_other"}, BODY)
    assert not is_signed(SECRET, {**headers, "webhook-timestamp": str(STAMP + 1)}, BODY)


def test_the_test_shop_knows_the_standard_s_example() -> None:
    headers = {"webhook-id": MESSAGE, "webhook-timestamp": str(STAMP)}
    assert is_signed(SECRET, {**headers, "webhook-signature": SIGNATURE}, BODY)
