"""Subscribers and their subscriptions: what there is, whose it is, in which state."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pim.json_types import JsonObject, as_list, as_object
from simulator.news import instant_text
from simulator.platform.refusals import conflict, unknown
from simulator.platform.specs import Spec

MOST_SUBSCRIBERS = 20
MOST_SUBSCRIPTIONS = 20


class Status(StrEnum):
    """The states of a subscriber (never suspended) and of a subscription."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    DELETED = "deleted"


@dataclass(slots=True)
class Subscriber:
    """One subscriber; only its own client sees it. Instants in seconds since 1970."""

    id: str
    client_id: str
    subject: str
    body: JsonObject
    created_at: float
    updated_at: float
    status: Status = Status.ACTIVE

    @property
    def contact(self) -> JsonObject:
        """Whom to tell of suspensions, the secret included."""
        return as_object(self.body["contact"])

    def shown(self) -> JsonObject:
        """As the management API answers it: the secret of notices is never told."""
        contact = {
            name: value
            for name, value in self.contact.items()
            if name != "notification_webhook_secret"
        }
        return {
            "id": self.id,
            "name": self.body["name"],
            "subject": self.subject,
            "status": self.status.value,
            "contact": contact,
            "created_at": instant_text(self.created_at),
            "updated_at": instant_text(self.updated_at),
        }


@dataclass(slots=True)
class Subscription:
    """One subscription.

    `in_force` are its specs with the instants from which each of them counts, the latest last: a
    change takes minutes, and until then what was before goes on.
    """

    id: str
    subscriber_id: str
    spec: Spec
    created_at: float
    updated_at: float
    in_force: list[tuple[float, Spec]] = field(default_factory=list)
    status: Status = Status.ACTIVE
    resumes: int = 0

    def spec_at(self, instant: float) -> Spec | None:
        """What counts at an instant; None while nothing is told."""
        if self.status is not Status.ACTIVE:
            return None
        begun = [spec for since, spec in self.in_force if since <= instant]
        return begun[-1] if begun else None

    def put_in_force(self, since: float, now: float) -> None:
        """Have the present spec count from an instant on; the one that counts now stays until."""
        present = self.spec_at(now)
        former = [] if present is None else [(now, present)]
        self.in_force = [*former, (since, self.spec)]

    def shown(self, *, secrets: bool = False) -> JsonObject:
        """As the management API answers it."""
        return {
            "id": self.id,
            "subscriber_id": self.subscriber_id,
            "status": self.status.value,
            **self.spec.shown(secrets=secrets),
            "created_at": instant_text(self.created_at),
            "updated_at": instant_text(self.updated_at),
        }


class Registry:
    """Everything that was ever subscribed; what is deleted is kept, and found by nobody."""

    def __init__(self) -> None:
        self.subscribers: dict[str, Subscriber] = {}
        self.subscriptions: dict[str, Subscription] = {}

    def subscribers_of(self, client_id: str) -> list[Subscriber]:
        """The living subscribers of a client."""
        return [each for each in self._living() if each.client_id == client_id]

    def subscriber(self, client_id: str, subscriber_id: str) -> Subscriber:
        """One subscriber.

        Raises:
            PlatformRefusal: 404, there is none, it is deleted, or another client's.
        """
        found = self.subscribers.get(subscriber_id)
        if found is None or found.client_id != client_id or found.status is Status.DELETED:
            raise unknown("subscriber")
        return found

    def subscription(
        self, client_id: str, subscriber_id: str, subscription_id: str, *, ended: bool = False
    ) -> Subscription:
        """One subscription; those that are deleted only if `ended`.

        Raises:
            PlatformRefusal: 404.
        """
        self.subscriber(client_id, subscriber_id)
        found = self.subscriptions.get(subscription_id)
        if found is None or found.subscriber_id != subscriber_id:
            raise unknown("subscription")
        if found.status is Status.DELETED and not ended:
            raise unknown("subscription")
        return found

    def subscriptions_of(self, subscriber_id: str) -> list[Subscription]:
        """The active and the suspended ones of a subscriber."""
        return [
            each
            for each in self.subscriptions.values()
            if each.subscriber_id == subscriber_id
            and each.status in {Status.ACTIVE, Status.SUSPENDED}
        ]

    def add_subscriber(self, subscriber: Subscriber) -> None:
        """Take a subscriber in.

        Raises:
            PlatformRefusal: 409, the PIM has as many as it may.
        """
        if len([*self._living()]) >= MOST_SUBSCRIBERS:
            raise conflict("maximum number of subscribers reached")
        self.subscribers[subscriber.id] = subscriber

    def add_subscription(self, subscription: Subscription) -> None:
        """Take a subscription in.

        Raises:
            PlatformRefusal: 409, the subscriber has as many as it may.
        """
        if len(self.subscriptions_of(subscription.subscriber_id)) >= MOST_SUBSCRIPTIONS:
            raise conflict("maximum number of subscriptions reached")
        self.subscriptions[subscription.id] = subscription

    def written(self, now: float) -> JsonObject:
        """Everything, secrets included, for the shop's file; what counts now counts from then."""
        return {
            "subscribers": [_written_subscriber(each) for each in self.subscribers.values()],
            "subscriptions": [
                _written_subscription(each, now) for each in self.subscriptions.values()
            ],
        }

    def read(self, written: JsonObject) -> None:
        """Take back what was written."""
        for each in map(as_object, as_list(written.get("subscribers"))):
            known = Subscriber(**{**each, "status": Status(str(each["status"]))})  # type: ignore[arg-type]
            self.subscribers[known.id] = known
        for each in map(as_object, as_list(written.get("subscriptions"))):
            in_force = [
                (float(str(since)), Spec(as_object(spec)))
                for since, spec in map(as_list, as_list(each["in_force"]))
            ]
            found = Subscription(
                **{  # type: ignore[arg-type]
                    **each,
                    "status": Status(str(each["status"])),
                    "spec": Spec(as_object(each["spec"])),
                    "in_force": in_force,
                }
            )
            self.subscriptions[found.id] = found

    def _living(self) -> Iterator[Subscriber]:
        return (each for each in self.subscribers.values() if each.status is not Status.DELETED)


def _written_subscriber(each: Subscriber) -> JsonObject:
    return {
        "id": each.id,
        "client_id": each.client_id,
        "subject": each.subject,
        "body": each.body,
        "created_at": each.created_at,
        "updated_at": each.updated_at,
        "status": each.status.value,
    }


def _written_subscription(each: Subscription, now: float) -> JsonObject:
    return {
        "id": each.id,
        "subscriber_id": each.subscriber_id,
        "spec": each.spec.body,
        "created_at": each.created_at,
        "updated_at": each.updated_at,
        "in_force": [[0.0 if since <= now else since, spec.body] for since, spec in each.in_force],
        "status": each.status.value,
        "resumes": each.resumes,
    }
