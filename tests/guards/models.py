"""Promises about product models: one event for all that hangs below."""

from tests.guards.guard import FLOWS, Guard, named

_EVENTS = f"{FLOWS}/test_models_events.py"
_UNMOVED = f"{FLOWS}/test_models_untold.py"

MODELS = (
    Guard(
        "a model's event has each of its variants read, though their own `updated` stands still",
        "flows/drain/descent.py",
        "        if self._result.state is not ModelState.ABSENT:\n"
        "            await self._write_listed()\n"
        "        await self._write_unlisted(below)\n",
        "",
        named(
            _EVENTS,
            "test_inherited_values_follow_within_one_drain_though_updated_stands_still",
            "test_inherited_categories_and_associations_follow",
        ),
    ),
    Guard(
        "a model's deletion takes its sub-models and variants along, by one event",
        "flows/drain/descent.py",
        "        await self._write(self._absent)\n",
        "",
        named(
            _EVENTS,
            "test_a_deleted_model_takes_its_sub_models_and_variants_along_by_one_event",
        ),
    ),
    Guard(
        "variants that the search does not show, but the store knows, are read by their keys",
        "flows/drain/descent.py",
        "        await self._write_unlisted(below)\n",
        "",
        named(
            _EVENTS,
            "test_a_deleted_model_takes_its_sub_models_and_variants_along_by_one_event",
        ),
    ),
    Guard(
        "the models below a model are read with it: a sub-model holds its root's values",
        "flows/drain/descent.py",
        "            await self._follow_sub_models(below.models, listed=read.item is not None)\n",
        "            pass\n",
        named(
            _EVENTS,
            "test_a_deleted_model_takes_its_sub_models_and_variants_along_by_one_event",
        ),
    ),
    Guard(
        "a delta writes variants whose models changed, though it reads an `updated` of long ago",
        "flows/sweeps/pages.py",
        "    wanted = verdicts.of(*DIFFERS, Compared.MOVED, Compared.RESTATED)\n",
        "    wanted = {\n"
        "        read.key for read in page.reads\n"
        "        if read.key in verdicts.of(*DIFFERS, Compared.MOVED, Compared.RESTATED)\n"
        "        and ((mark := verdicts.marks.get(read.key)) is None\n"
        "             or read.product.updated > mark.updated)\n"
        "    }\n",
        named(_UNMOVED, "test_a_delta_finds_variants_whose_model_was_changed_without_a_word"),
    ),
)
