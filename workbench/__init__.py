"""Workbench: a terminal forensics workbench for request logs.

For notebooks and scripts (docs/notebooks.md): ``from workbench import Case, explain, load, triage``.
"""

from typing import TYPE_CHECKING

from workbench.version import __version__

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.detect.explain import explain
    from workbench.detect.triage import triage
    from workbench.ingest.load import load
else:
    # Imported when first asked for, since ``workbench --help`` needs none of them.
    _PLACES = {
        "Case": "workbench.case",
        "explain": "workbench.detect.explain",
        "load": "workbench.ingest.load",
        "triage": "workbench.detect.triage",
    }

    def __getattr__(name: str) -> object:
        """Import a public name from the module that has it."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        from workbench.engines import register_engines

        register_engines()
        return getattr(import_module(_PLACES[name]), name)

    def __dir__() -> list[str]:
        """Name what can be imported, for completion in notebooks."""
        return sorted({*globals(), *_PLACES})


__all__ = ["Case", "__version__", "explain", "load", "triage"]
