"""Fixtures of the end-to-end suite."""

from tests.store_fixtures import *  # noqa: F403 - pytest finds fixtures by name
