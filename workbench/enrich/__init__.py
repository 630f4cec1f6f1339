"""Enrichment: who owns an address, by the investigator's own databases, and plain look-ups of their own."""

from workbench.enrich.enrich import Added, add_database, add_table, remove

__all__ = ["Added", "add_database", "add_table", "remove"]
