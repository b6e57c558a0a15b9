"""The shop that the simulated PIM describes: words, structure and products, all from a seed."""
