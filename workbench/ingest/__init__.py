"""From files to segments: find them, recognise the format, parse, account for every line."""

from workbench.case.sources import Source
from workbench.ingest.load import Loader, load
from workbench.ingest.report import Progress

__all__ = ["Loader", "Progress", "Source", "load"]
