"""Configuration of one read API: plain values, no environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """`calls_per_second`: what each token is good for, `burst` times that at once.

    `token_seconds`: for how long a token that was good counts as good. `look_seconds`: how often
    the store is asked for the feed's end while anybody waits for it. `readers`: threads that read.
    """

    calls_per_second: float = 20.0
    burst: float = 5.0
    token_seconds: float = 2.0
    look_seconds: float = 0.25
    readers: int = 4
