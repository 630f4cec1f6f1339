"""What leaves a case: CSV files that appear whole or not at all."""

from workbench.export.export import WHAT, Exported, export, write_table

__all__ = ["WHAT", "Exported", "export", "write_table"]
