"""Settings, read once in a composition root."""
