"""Event types of the Event Platform, all of them that are known."""

from pim.event_platform import PREFIX

PRODUCT = "product"
MODEL = "product-model"
_PLAIN = (
    *(PRODUCT, MODEL, "family", "attribute", "attribute-group", "attribute-option"),
    *("category", "asset", "reference-entity-record"),
)
_ACTIONS = ("created", "updated", "deleted")

BASIC_TYPES = tuple(f"{PREFIX}{kind}.{action}" for kind in _PLAIN for action in _ACTIONS)
"""Created, updated and deleted, of everything that has events."""

EVENT_TYPES = frozenset(
    {
        *BASIC_TYPES,
        *(
            PREFIX + name
            for name in (
                *("product.updated.delta", "product-model.updated.delta", "asset.updated.delta"),
                *("product.became-complete", "product.became-incomplete"),
                *("app.deleted", "connection.deleted"),
                *("job.export.status-changed", "job.import.status-changed"),
                "job.mass-edit.status-changed",
                *("workflow.task.created", "workflow.task.completed"),
            )
        ),
    }
)
