"""Names for the strings and numbers that must not be mixed up."""

from typing import NewType

ProductKey = NewType("ProductKey", str)
"""What a product is called in the store: lower-case uuid, or casefolded identifier (PIM 5, 6)."""

EventId = NewType("EventId", str)
"""The source's id of an event, as written; or one derived from its content (`derived-…`)."""

RunId = NewType("RunId", str)
"""The flow run that did something."""

Generation = NewType("Generation", str)
"""One opening of the drain's door: the fence for its writes."""

OrderNumber = NewType("OrderNumber", int)
"""A number of the one database sequence that orders reads and events."""
