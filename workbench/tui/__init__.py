"""The terminal UI: a thin skin over the same functions that the commands call."""
