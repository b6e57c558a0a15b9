"""What the renderer has to know of the PIM's edition."""

from dataclasses import dataclass

from simulator.store.things import ThingStore


@dataclass(frozen=True, slots=True)
class RenderedEdition:
    """The records and assets there are, and which edition writes its products down."""

    things: ThingStore
    is_enterprise: bool
    saas: bool
