"""`/_simulator/`: what tests, benchmarks and the demo ask of the PIM behind its back."""
