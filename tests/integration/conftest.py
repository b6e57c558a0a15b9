"""Fixtures of the integration suite."""

from tests.store_fixtures import *  # noqa: F403 - pytest finds fixtures by name
