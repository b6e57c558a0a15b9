"""The benchmark of the store's size, played once on both databases at a small scale."""

from bench.first_reconcile import TOKEN
from bench.store_size import measure
from simulator.config import SimulatorConfig

PRODUCTS = 60


def test_the_benchmark_measures_sizes_and_writes(store_url: str) -> None:
    config = SimulatorConfig(port=0, products=PRODUCTS, app_token=TOKEN)
    figures = measure(config, store_url)
    assert (figures["products"], figures["written"]) == (PRODUCTS, PRODUCTS)
    # So few products say nothing of how small it is: pages are half empty, and names many.
    assert int(str(figures["bytes_of_references_a_product"])) > 0
    assert float(str(figures["ratio_size"])) > 0
    assert float(str(figures["ratio_again"])) > 0
