"""From files to segments: find them, recognise the format, parse, account for every line."""

from workbench.ingest.load import Loader, load
from workbench.ingest.report import Progress, SourceReport

__all__ = ["Loader", "Progress", "SourceReport", "load"]
