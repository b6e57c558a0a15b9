"""Shares of products, drawn from a uuid and a seed alone: the same are drawn again."""

import hashlib

_SCALE = 2**64


def is_drawn(uuid: str, *, share: float, seed: int) -> bool:
    """Whether the product of this uuid belongs to the share."""
    if share <= 0:
        return False
    digest = hashlib.sha256(f"{seed}:{uuid.lower()}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * _SCALE
