"""Commands that serve HTTP: to the PIM, and to our own parts."""
