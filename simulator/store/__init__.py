"""What the simulated PIM remembers: its database, its search index, its structure."""
