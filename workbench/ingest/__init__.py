"""From files to segments: find them, recognise the format, parse, account for every line."""

from workbench.ingest.load import Loader, Progress, SourceReport, load

__all__ = ["Loader", "Progress", "SourceReport", "load"]
