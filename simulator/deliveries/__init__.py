"""How the simulated PIM tells a subscriber: payloads, signatures, and what goes wrong."""
