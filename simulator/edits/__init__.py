"""What people and systems do in the simulated PIM: edits, and the events they raise."""
