"""One module a command; each has a `run` that returns an exit code or None."""
