"""What `doctor` checks: one module for each part of the system, each answers findings."""
