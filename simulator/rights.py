"""Which products the connection may see: all, until a share of them is taken from it."""

import hashlib

_SCALE = 2**64


class Rights:
    """A share of the products is hidden: lists leave them out, single reads say 404, no event.

    Which ones they are depends on their uuid and a seed alone, so the same are hidden again.
    """

    def __init__(self) -> None:
        self.hidden_share = 0.0
        self.seed = 0

    def take(self, share: float, seed: int) -> None:
        """Hide this share of the products from now on; 0 gives all of them back."""
        self.hidden_share = share
        self.seed = seed

    def hides(self, uuid: str) -> bool:
        """Whether the connection may not see the product of this uuid."""
        if self.hidden_share <= 0:
            return False
        digest = hashlib.sha256(f"{self.seed}:{uuid.lower()}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self.hidden_share * _SCALE
