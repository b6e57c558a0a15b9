"""Commands, one module each: its `run` parses, asks, shows, and returns an exit code or None."""
