"""Engines beyond one machine: a case over a table that stays where it is, asked in the engine's own SQL."""
