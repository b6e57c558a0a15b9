"""Rules of the mirror's state machine: edits of product models.

One event tells of a model, none of its sub-models and variants: all of them must follow it.
"""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from pim.json_types import as_object, as_text
from simulator.shop.categories import CATEGORIES
from simulator.shop.options import OPTIONS
from tests.mirror_product_edits import (
    LOCALES,
    MOST_UNANNOUNCED,
    OPTION_LISTS,
    PLACES,
    TWO_WAY,
    WORDS,
)
from tests.mirror_shop import MirrorShop


class ModelEdits(RuleBasedStateMachine):
    """Edits of models; a model that the shop has none of is nobody."""

    mirror: MirrorShop
    models_made = 0

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, locale=LOCALES, text=WORDS, silent=st.booleans())
    def name_model(self, which: int, locale: str, text: str, silent: bool) -> None:  # noqa: FBT001
        entry = {"data": text or None, "locale": locale, "scope": None}
        self.change_model(which, {"values": {"name": [entry]}}, silent=silent)

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, attribute=PLACES)
    def clear_model(self, which: int, attribute: int) -> None:
        code = self.mirror.pick_model(which)
        filled = [] if code is None else sorted(as_object(self.mirror.models()[code]["values"]))
        if filled:
            self.change_model(which, {"values": {filled[attribute % len(filled)]: []}})

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, categories=st.lists(PLACES, max_size=3))
    def categorize_model(self, which: int, categories: list[int]) -> None:
        codes = sorted({CATEGORIES[place % len(CATEGORIES)].code for place in categories})
        self.change_model(which, {"categories": codes})

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, others=st.lists(PLACES, max_size=2))
    def associate_model(self, which: int, others: list[int]) -> None:
        targets = sorted({uuid for other in others if (uuid := self.mirror.pick(other))})
        self.change_model(which, {"associations": {TWO_WAY: {"products": targets}}})

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, other=PLACES)
    def move_model(self, which: int, other: int) -> None:
        """A sub-model below another root, if the two fit."""
        root = self.mirror.pick_model(other)
        if root is not None:
            self.change_model(which, {"parent": root})

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, attribute=OPTION_LISTS, option=PLACES)
    def make_model(self, which: int, attribute: str, option: int) -> None:
        """A root like another, or a sub-model with an axis of its own."""
        code = self.mirror.pick_model(which)
        if code is None:
            return
        self.models_made += 1
        like = self.mirror.models()[code]
        options = [each for each, _ in OPTIONS[attribute]]
        axis = {"data": options[option % len(options)], "locale": None, "scope": None}
        below: dict[str, object] = {"parent": code, "values": {attribute: [axis]}}
        beside: dict[str, object] = {"family_variant": like["family_variant"]}
        changes = beside if like["parent"] is not None or option % 2 else below
        self.mirror.post(f"models/made-{self.models_made}", {"changes": changes})

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, silent=st.booleans())
    def remove_model(self, which: int, silent: bool) -> None:  # noqa: FBT001
        code = self.mirror.pick_model(which)
        if code is not None and self.mirror.unannounced < MOST_UNANNOUNCED:
            self.mirror.remove_model(code, silent=silent)

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES, model=PLACES)
    def move_product(self, which: int, model: int) -> None:
        """Below a model, or another one, if the two fit."""
        uuid, code = self.mirror.pick(which), self.mirror.pick_model(model)
        if uuid is not None and code is not None:
            self.mirror.save(uuid, {"parent": code})

    @precondition(lambda self: self.mirror.has_models)
    @rule(which=PLACES)
    def make_simple(self, which: int) -> None:
        """A variant that leaves its model keeps what it inherited as its own."""
        truth = self.mirror.shop.truth()
        variants = sorted(uuid for uuid, each in truth.items() if as_text(each["parent"]))
        if variants:
            self.mirror.save(variants[which % len(variants)], {"parent": None})

    def change_model(self, which: int, changes: dict[str, object], *, silent: bool = False) -> None:
        code = self.mirror.pick_model(which)
        if code is not None:
            self.mirror.save_model(code, changes, silent=silent)
