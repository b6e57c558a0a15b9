"""The two dialects of deliveries, and how each is answered.

The Events API hangs up after half a second and never sends again: what cannot be stored in time is
answered 503. The Event Platform waits for five seconds and sends again what was answered 429, while
a 5xx counts against the subscription at once, and a few such suspend it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from pim.vocabulary import Channel
from receiver.config import ReceiverConfig
from receiver.delivery import (
    PRIMARY_HEADER,
    SECONDARY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Delivery,
    Verdict,
    judge_cloud_event,
    judge_delivery,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How deliveries of one kind are judged and answered.

    `headers` are handed to `judge` in their order. `answer_seconds`: within which the commit must
    come. `busy`: the status of what is refused for now. `comes_again`: the sender repeats it then.
    """

    channel: Channel
    headers: tuple[str, ...]
    judge: Callable[[Delivery], Verdict]
    answer_seconds: float
    busy: HTTPStatus
    comes_again: bool


def events_api(config: ReceiverConfig) -> Dialect:
    """The Events API, of self-hosted PIMs and, until the end of 2026, of Akeneo's cloud."""
    return Dialect(
        channel=Channel.EVENTS_API,
        headers=(SIGNATURE_HEADER, TIMESTAMP_HEADER),
        judge=lambda delivery: judge_delivery(delivery, config.secrets),
        answer_seconds=config.answer_seconds,
        busy=HTTPStatus.SERVICE_UNAVAILABLE,
        comes_again=False,
    )


def event_platform(config: ReceiverConfig) -> Dialect:
    """The Event Platform of Akeneo's cloud."""
    return Dialect(
        channel=Channel.EVENT_PLATFORM,
        headers=(PRIMARY_HEADER, SECONDARY_HEADER),
        judge=lambda delivery: judge_cloud_event(
            delivery, config.platform_secrets, window=config.replay_window
        ),
        answer_seconds=config.platform_answer_seconds,
        busy=HTTPStatus.TOO_MANY_REQUESTS,
        comes_again=True,
    )
