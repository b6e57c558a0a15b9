"""Rotation of the Event Platform's secret under traffic, by the guide's steps: nobody hears 401."""

import time
from pathlib import Path

from pim.json_types import as_object
from pim.signature import RefusalReason
from tests.drill.conftest import Tell
from tests.night import Night, open_night
from tests.night_parts import wait_until
from tests.shop import PLATFORM_SECRET

NEW = "fixture-primary-secret-0002"
TIME_SCALE = 10
ENOUGH = 600
STEPS = (f"{PLATFORM_SECRET},{NEW}", f"{NEW},{PLATFORM_SECRET}", NEW)
"""What the setting says, one step after another."""


def take_step(night: Night, secrets: str) -> None:
    """Write the setting, restart the receiver, send the secrets, and wait till they count."""
    night.change_setting("AKENEO_EVENT_PLATFORM_SECRETS", secrets)
    night.receiver.stop()
    night.receiver.start()
    wait_until(night.receiver_answers, night.receiver.last_words)
    sent = night.command("subscriptions", "rotate-secret", "--yes", "--no-wait")
    assert sent.returncode == 0, sent.stderr
    time.sleep(60)  # noqa: TID251 - ten of the platform's minutes


def delivered(night: Night) -> int:
    count = as_object(night.platform()["answers"]).get("200", 0)
    assert isinstance(count, int)
    return count


def test_no_delivery_is_refused_while_the_secret_is_rotated(tmp_path: Path, tell: Tell) -> None:
    with open_night(tmp_path, products=300, platform=TIME_SCALE) as night:
        night.begin()
        night.edit(20)
        # By the worst reading one failure is enough where hardly anything was delivered before.
        wait_until(lambda: delivered(night) >= ENOUGH, "an hour that went well")
        for secrets in STEPS:
            take_step(night, secrets)
        night.edit(0)
        wait_until(lambda: night.platform()["outstanding"] == 0, "the last retries", seconds=400)
        told = night.platform()
        tell(f"answers by status: {told['answers']}")
        assert told["status"] == "active", told
        answers = as_object(told["answers"])
        assert "401" not in answers
        reasons = {each.reason for each in night.shop.status().refusals if each.count}
        assert not reasons & {*RefusalReason}
        wait_until(night.is_drained, "the last events", seconds=300)
        assert night.shop.sources() == night.shop.truth()
