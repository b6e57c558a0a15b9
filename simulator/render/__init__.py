"""How the simulated PIM writes a product down: REST bodies, pages and scores."""
