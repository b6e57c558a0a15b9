"""What changed with a model while nobody was told, as a delta finds it."""

import asyncio
from pathlib import Path

from tests.integration.flows.model_scene import name_of, rename_model, root_of, variants_of
from tests.shop import open_shop


def test_a_delta_finds_variants_whose_model_was_changed_without_a_word(tmp_path: Path) -> None:
    # The PIM's filter compares the latest instant of a variant and its models, and answers with
    # the variant's own: whoever compares that again leaves out what was inherited.
    with open_shop(tmp_path, products=4, models=4) as shop:
        asyncio.run(shop.reconcile())
        code = root_of(shop, levels=1)
        before = {uuid: shop.truth()[uuid]["updated"] for uuid in variants_of(shop, code)}
        rename_model(shop, code, "Renamed while nobody listened", silent=True)
        asyncio.run(shop.reconcile(full=False))
        sources = shop.sources()
        assert {uuid: sources[uuid]["updated"] for uuid in before} == before
        assert {name_of(sources[uuid]) for uuid in before} == {"Renamed while nobody listened"}
        assert sources == shop.truth()
