"""The read API: shops and other readers follow the store by it, and write nothing.

Used from outside: `run_api`.
"""

from api.serve import run_api

__all__ = ["run_api"]
