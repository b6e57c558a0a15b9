"""Figures of `GET /metrics`: this receiver's own, and what the store adds up.

Used from outside: the application counts in `OwnFigures` and answers with a `Scrape`.
"""

from receiver.metrics.scrape import OwnFigures, Scrape

__all__ = ["OwnFigures", "Scrape"]
