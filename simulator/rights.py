"""Which products the connection may see: all, until a share of them is taken from it."""

from simulator.chance import is_drawn


class Rights:
    """A share of the products is hidden: lists leave them out, single reads say 404, no event."""

    def __init__(self) -> None:
        self.hidden_share = 0.0
        self.seed = 0

    def take(self, share: float, seed: int) -> None:
        """Hide this share of the products from now on; 0 gives all of them back."""
        self.hidden_share = share
        self.seed = seed

    def hides(self, uuid: str) -> bool:
        """Whether the connection may not see the product of this uuid."""
        return is_drawn(uuid, share=self.hidden_share, seed=self.seed)
