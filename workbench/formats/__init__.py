"""Log formats as data: one TOML file a format, with sample lines that are its tests."""

from workbench.formats.model import FieldMap, Format, Sample, parse_format
from workbench.formats.registry import load_formats

__all__ = ["FieldMap", "Format", "Sample", "load_formats", "parse_format"]
