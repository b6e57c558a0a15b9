"""What changed between two answers about one product: pure."""

from dataclasses import dataclass

from pim.json_types import JsonObject


@dataclass(frozen=True, slots=True, order=True)
class Changed:
    """A changed attribute value (by locale and scope), or a top-level field like `categories`."""

    code: str
    field: bool = False
    locale: str | None = None
    scope: str | None = None


def diff_products(old: JsonObject | None, new: JsonObject | None) -> tuple[Changed, ...]:
    """List what differs, sorted; a side that is None holds nothing.

    Ignores what the content hash ignores: links, `updated`, the order of sets, {} against [].
    """
    raise NotImplementedError
