"""News that the Event Platform has of a save: types, data, and what filters ask of them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid4, uuid5

from pim.event_platform import PREFIX
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.config import EventPlatformConfig
from simulator.edits import (
    AnyEvent,
    Author,
    AuthorType,
    EventAction,
    ItemEvent,
    ItemKind,
    PimEvent,
)
from simulator.news.completeness import completeness_changes
from simulator.news.delta import asset_changes, product_changes
from simulator.news.filters import ANY, Facts
from simulator.news.types import MODEL, PRODUCT
from simulator.shop import Entity, Product, ProductModel
from simulator.simulation import Simulation

_ACTIONS = {
    EventAction.CREATED: "created",
    EventAction.UPDATED: "updated",
    EventAction.REMOVED: "deleted",
    EventAction.MODEL_CREATED: "created",
    EventAction.MODEL_UPDATED: "updated",
    EventAction.MODEL_REMOVED: "deleted",
}
_MEMBERS = {
    ItemKind.FAMILY: "family",
    ItemKind.ATTRIBUTE: "attribute",
    ItemKind.ATTRIBUTE_GROUP: "attribute_group",
    ItemKind.OPTION: "attribute_option",
    ItemKind.CATEGORY: "category",
    ItemKind.ASSET: "asset",
    ItemKind.RECORD: "reference_entity_record",
}
_PARENTS = {
    ItemKind.OPTION: "attribute",
    ItemKind.ASSET: "asset_family",
    ItemKind.RECORD: "reference_entity",
}
_DELTA = ".delta"


@dataclass(frozen=True, slots=True)
class News:
    """One event, as every subscription gets it but for its id and its subject.

    `about`: the uuid or code that rights may hide. `identifier`: of a product, for subscriptions
    that ask for it. `one_id`: what shares an id with it, where one change has one id.
    """

    type: str
    data: JsonObject
    facts: Facts
    at: float
    about: str | None = None
    identifier: str | None = None
    one_id: str = ""

    def told(self, *, names_products: bool) -> JsonObject:
        """Its data, with the product's identifier if that is asked for."""
        if not names_products or "product" not in self.data or self.about is None:
            return self.data
        product = {**as_object(self.data["product"]), "identifier": self.identifier}
        return {**self.data, "product": product}


class NewsDesk:
    """Makes news out of events; of types that nobody wants none are made."""

    def __init__(self, simulation: Simulation, config: Callable[[], EventPlatformConfig]) -> None:
        self._simulation = simulation
        self._config = config

    def news_of(self, event: AnyEvent, wanted: frozenset[str]) -> list[News]:
        """Everything that an event leads to, in the order in which it is told."""
        if isinstance(event, ItemEvent):
            found = self._of_item(event, wanted)
        else:
            found = self._of_save(event, wanted)
        return [news for news in found if news.type in wanted]

    def _of_item(self, event: ItemEvent, wanted: frozenset[str]) -> Iterator[News]:
        names: JsonObject = {"code": event.code}
        if event.kind in _PARENTS:
            names[_PARENTS[event.kind]] = {"code": event.parent}
        member, author = _MEMBERS[event.kind], self._author(event.author)
        kind, facts = f"{PREFIX}{event.kind}.{event.action}", self._facts(event.author)
        one_id = uuid4().hex
        yield News(kind, {member: names, "author": author}, facts, event.at, one_id=one_id)
        delta = kind + _DELTA
        if delta in wanted and event.before is not None and event.after is not None:
            changes = asset_changes(self._simulation, event.before, event.after)
            data: JsonObject = {member: {**names, "changes": changes}, "author": author}
            facts = self._delta_facts(event.author, changes)
            yield News(delta, data, facts, event.at, one_id=one_id)

    def _of_save(self, event: PimEvent, wanted: frozenset[str]) -> Iterator[News]:
        before, after = event.save.before, event.save.after
        subject = after or before
        if subject is None:
            return
        action = _ACTIONS[event.action]
        yield self._plain(subject, action, event)
        delta = f"{PREFIX}{_kind(subject)}.updated{_DELTA}"
        if delta in wanted and action == "updated" and before is not None and after is not None:
            yield from self._delta(before, after, event)
        yield from self._of_variants(event)
        if wanted & _COMPLETENESS:
            yield from self._completeness(event)

    def _plain(self, subject: Entity, action: str, event: PimEvent) -> News:
        data: JsonObject = {_member(subject): _names(subject), "author": self._author(event.author)}
        kind = f"{PREFIX}{_kind(subject)}.{action}"
        news = News(kind, data, self._facts(event.author), event.at, one_id=event.event_id)
        return _about(news, subject)

    def _delta(self, before: Entity, after: Entity, event: PimEvent) -> Iterator[News]:
        changes = product_changes(self._simulation, before, after)
        if not changes:
            return
        told: JsonObject = {
            **_names(after),
            "updated_at": {
                "date": f"{datetime.fromtimestamp(after.updated, UTC):%Y-%m-%d %H:%M:%S}.000000",
                "timezone": "UTC",
            },
            "changes": changes,
        }
        news = News(
            f"{PREFIX}{_kind(after)}.updated{_DELTA}",
            {_member(after): told, "author": self._author(event.author)},
            self._delta_facts(event.author, changes),
            event.at,
            one_id=event.event_id,
        )
        yield _about(news, after)

    def _of_variants(self, event: PimEvent) -> Iterator[News]:
        """What is told of those below a model; the PIM's own way is to tell nothing."""
        config, after = self._config(), event.save.after
        if event.action is EventAction.MODEL_REMOVED and config.variant_events_on_parent_delete:
            for gone in event.save.below:
                yield replace(self._plain(gone, "deleted", event), one_id="")
        if (
            event.action is EventAction.MODEL_UPDATED
            and config.variant_events_on_parent_change
            and isinstance(after, ProductModel)
        ):
            for variant in self._simulation.database.variants_of(after):
                yield replace(self._plain(variant, "updated", event), one_id="")

    def _completeness(self, event: PimEvent) -> Iterator[News]:
        for product, complete, incomplete in completeness_changes(self._simulation, event.save):
            for name, places in (("complete", complete), ("incomplete", incomplete)):
                if places:
                    yield self._completed(product, name, places, event)

    def _completed(
        self, product: Product, name: str, places: list[JsonValue], event: PimEvent
    ) -> News:
        data: JsonObject = {"product": {**_names(product), f"{name}_on": places}}
        facts: Facts = {}
        if self._config().author_on_completeness:
            data["author"], facts = self._author(event.author), self._facts(event.author)
        kind = f"{PREFIX}{PRODUCT}.became-{name}"
        return _about(News(kind, data, facts, event.at), product)

    def _author(self, author: Author) -> JsonObject:
        config = self._simulation.config
        match author.type:
            case AuthorType.API:
                own = author.name == config.username
                return {
                    "identifier": config.client_id if own else other_client(author.name),
                    "type": "api",
                }
            case AuthorType.UI:
                is_named = self._config().author_user_form == "name"
                user = author.name if is_named else str(uuid5(NAMESPACE_URL, author.name))
                return {"identifier": user, "type": "user"}
            case AuthorType.SYSTEM:
                return {"identifier": "system", "type": "system"}

    def _facts(self, author: Author) -> Facts:
        told = self._author(author)
        kind, user = str(told["type"]), str(told["identifier"])
        is_found = kind != "api" or self._config().filter_user_accepts_client_id
        return {"user_type": frozenset({kind}), "user": frozenset({user} if is_found else ())}

    def _delta_facts(self, author: Author, changes: JsonObject) -> Facts:
        values = as_object(changes.get("values"))
        entries = [as_object(entry) for each in values.values() for entry in as_list(each)]
        return {
            **self._facts(author),
            "attribute": frozenset(values),
            "scope": _places(entry.get("scope", entry.get("channel")) for entry in entries),
            "locale": _places(entry.get("locale") for entry in entries),
        }


def other_client(name: str) -> str:
    """The client id of another connection than ours."""
    return f"5_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


def _about(news: News, subject: Entity) -> News:
    if isinstance(subject, Product):
        return replace(news, about=subject.uuid, identifier=subject.identifier)
    return replace(news, about=subject.code)


def _places(given: Iterable[JsonValue]) -> frozenset[str]:
    """What is neither localizable nor scopable is of every locale and channel."""
    return frozenset(ANY if each is None else str(each) for each in given)


def _kind(subject: Entity) -> str:
    return PRODUCT if isinstance(subject, Product) else MODEL


def _member(subject: Entity) -> str:
    return "product" if isinstance(subject, Product) else "product_model"


def _names(subject: Entity) -> JsonObject:
    return {"uuid": subject.uuid} if isinstance(subject, Product) else {"code": subject.code}


_COMPLETENESS = frozenset(
    {f"{PREFIX}{PRODUCT}.became-complete", f"{PREFIX}{PRODUCT}.became-incomplete"}
)
