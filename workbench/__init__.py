"""Workbench: a terminal forensics workbench for request logs."""

__version__ = "0.1.0"
