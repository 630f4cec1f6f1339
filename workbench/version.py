"""The version of this program: stated here and nowhere else."""

__version__ = "0.1.0"
