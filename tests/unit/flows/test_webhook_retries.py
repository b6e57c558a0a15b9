"""What follows a request that was not confirmed: later and later, by the shop's word, or never."""

from datetime import timedelta
from typing import Any

from flows.notifying.posting import Answer
from flows.notifying.report import Notified, NotifyReport, describe_notifying
from flows.notifying.retries import (
    DELAYS,
    PutOff,
    SwitchOff,
    decide_after_failure,
    give_up_after,
)
from settings import load_settings
from storage.webhooks import Webhook, WebhookState
from tests.store_builders import NOW, at

GIVE_UP = timedelta(days=5)


def make_webhook(**values: Any) -> Webhook:
    made: dict[str, Any] = {
        **dict.fromkeys(Webhook.__slots__),
        "name": "webshop",
        "state": WebhookState.ACTIVE,
        "failures": 0,
        "since": NOW,
        "made_at": NOW,
    }
    return Webhook(**made | values)


def decide(webhook: Webhook, answer: Answer, days: float = 0.0) -> PutOff | SwitchOff:
    now = NOW + timedelta(days=days)
    return decide_after_failure(webhook, answer, give_up=GIVE_UP, now=now)


def test_tries_come_later_and_later_and_then_once_a_day() -> None:
    answer = Answer(500, "it answered 500")
    waits = []
    for failures in range(len(DELAYS) + 2):
        decided = decide(make_webhook(failures=failures, failing_since=NOW), answer)
        assert isinstance(decided, PutOff)
        waits.append(decided.not_before - NOW)
    seconds = [wait.total_seconds() for wait in waits]
    assert seconds[:4] == [5, 300, 1800, 7200]
    assert [second / 3600 for second in seconds[4:]] == [5, 10, 14, 20, 24, 24, 24]


def test_the_shop_s_own_word_counts_in_place_of_the_schedule() -> None:
    long, none = timedelta(hours=1), timedelta(0)
    later = decide(make_webhook(), Answer(429, "it answered 429", long))
    sooner = decide(make_webhook(failures=3, failing_since=NOW), Answer(503, "busy", none))
    assert later == PutOff(NOW + long, "it answered 429")
    assert sooner == PutOff(at(1), "busy")


def test_what_is_gone_is_not_tried_again() -> None:
    decided = decide(make_webhook(), Answer(410, "it answered 410"))
    assert decided == SwitchOff("it answered 410: it wants nothing any more")


def test_what_fails_for_too_long_is_given_up() -> None:
    failing = make_webhook(failures=10, failing_since=NOW)
    assert isinstance(decide(failing, Answer(None, "no answer"), days=4.99), PutOff)
    assert decide(failing, Answer(None, "no answer"), days=5) == SwitchOff(
        "no answer; 11 tries failed in 120 h 0 min"
    )


def test_it_is_given_up_well_before_its_changes_are_removed() -> None:
    env = {"SYNC_WEBHOOK_GIVE_UP_DAYS": "20"}
    assert give_up_after(load_settings({})) == GIVE_UP
    assert give_up_after(load_settings(env)) == timedelta(days=15)
    assert give_up_after(load_settings({"SYNC_KEEP_CHANGES_DAYS": "2"})) == timedelta(days=1)


def test_two_secrets_sign_while_one_is_exchanged_and_no_longer() -> None:
    rotated = make_webhook(secret="new", old_secret="old", old_secret_until=at(60))
    assert rotated.secrets_at(at(59)) == ("new", "old")
    assert rotated.secrets_at(at(60)) == ("new",)
    assert make_webhook(secret="only").secrets_at(NOW) == ("only",)
    url = "https://shop.example.test/hook?token=hush"
    assert make_webhook(secret="new", url=url).hidden_parts(NOW) == ("new", "token=hush")
    shown = repr(make_webhook(secret="hush", old_secret="hush", url="https://x/?token=hush"))
    assert "hush" not in shown


def test_a_report_says_for_each_shop_how_it_ended() -> None:
    report = NotifyReport(NOW)
    report.webhooks = {
        "a": Notified(requests=2, changes=150, position=1040),
        "b": Notified(requests=1, problem="it answered 500", next_at=at(300)),
        "c|d": Notified(requests=1, problem="it answered 410", is_off=True),
        "e": Notified(stood_by="the webhook e is another's now"),
    }
    assert report.summary() == (
        "150 changes to a; b: next try in 5 min 0 s: it answered 500; "
        "c|d: switched off: it answered 410"
    )
    table = describe_notifying(report)
    assert "| a | 2 | 150 | 1040 | confirmed |" in table
    assert "| c\\|d | 1 | 0 |  | switched off: it answered 410 |" in table
    assert "| e | 0 | 0 |  | the webhook e is another's now |" in table
