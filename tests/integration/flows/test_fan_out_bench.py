"""The benchmark of a label's way into all documents, played small: it refuses figures of a part."""

import json

from bench.fan_out import measure


def test_all_documents_follow_an_option_by_event_and_by_delta_and_no_product_is_read() -> None:
    figures = json.loads(json.dumps(measure(products=20, rounds=1)))
    for turn in (*figures["event"], *figures["delta"]):
        assert (turn["documents"], turn["rows"], turn["product_reads"]) == (20, 20, 0)
    assert len(figures["event"]) == len(figures["delta"]) == 1
