"""Rules of the mirror's state machine: edits of what products refer to; no event tells of them."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from simulator.shop.categories import CATEGORIES
from simulator.shop.options import OPTIONS
from tests.mirror_product_edits import LOCALES, OPTION_LISTS, PLACES, WORDS
from tests.mirror_shop import MirrorShop
from tests.mirror_untold import Untold

THINGS = st.sampled_from(["records", "assets"])


class StructureEdits(RuleBasedStateMachine):
    """Edits of what products refer to: no event tells of them."""

    mirror: MirrorShop

    @rule(attribute=OPTION_LISTS, option=PLACES, locale=LOCALES, text=WORDS)
    def label_option(self, attribute: str, option: int, locale: str, text: str) -> None:
        codes = [code for code, _ in OPTIONS[attribute]]
        path = f"structure/options/{codes[option % len(codes)]}?parent={attribute}"
        with self.mirror.telling(set(), Untold.LABEL):
            self.mirror.post(path, {"changes": {"labels": {locale: text}}})

    @rule(
        kind=st.sampled_from(["families", "categories", "attributes"]), locale=LOCALES, text=WORDS
    )
    def label(self, kind: str, locale: str, text: str) -> None:
        code = {"families": "shoes", "categories": CATEGORIES[3].code, "attributes": "color"}[kind]
        self.mirror.post(f"structure/{kind}/{code}", {"changes": {"labels": {locale: text}}})

    @rule(attribute=OPTION_LISTS, option=PLACES)
    def remove_option(self, attribute: str, option: int) -> None:
        codes = [code for code, _ in OPTIONS[attribute]]
        with self.mirror.telling(set(), Untold.NAMED):
            self.mirror.delete(f"structure/options/{codes[option % len(codes)]}", parent=attribute)

    @rule(locale=LOCALES, on=st.booleans())
    def switch_locale(self, locale: str, on: bool) -> None:  # noqa: FBT001
        with self.mirror.telling(set(), Untold.NAMED):
            self.mirror.post(f"structure/locales/{locale}", {"changes": {"enabled": on}})


class ThingEdits(RuleBasedStateMachine):
    """Edits of records and assets, where the PIM has any."""

    mirror: MirrorShop

    def __init__(self) -> None:
        super().__init__()
        self.things_gone: list[str] = []

    @precondition(lambda self: self.mirror.is_enterprise)
    @rule(kind=THINGS, which=PLACES, locale=LOCALES, text=WORDS)
    def label_thing(self, kind: str, which: int, locale: str, text: str) -> None:
        thing = self.mirror.pick_thing(kind, which)
        if thing is not None:
            body = {"changes": {"labels": {locale: text}}}
            with self.mirror.telling(set(), Untold.LABEL):
                self.mirror.post(f"things/{kind}/{thing}", body)

    @precondition(lambda self: self.mirror.is_enterprise)
    @rule(kind=THINGS, which=PLACES)
    def remove_thing(self, kind: str, which: int) -> None:
        thing = self.mirror.pick_thing(kind, which)
        if thing is not None:
            self.things_gone.append(f"things/{kind}/{thing}")
            with self.mirror.telling(set(), Untold.NAMED):
                self.mirror.delete(f"things/{kind}/{thing}")

    @precondition(lambda self: self.things_gone)
    @rule(which=PLACES, text=WORDS)
    def make_thing_again(self, which: int, text: str) -> None:
        """It shows again in the products that name it."""
        path = self.things_gone[which % len(self.things_gone)]
        with self.mirror.telling(set(), Untold.NAMED):
            self.mirror.post(path, {"changes": {"labels": {"en_US": text}}})
