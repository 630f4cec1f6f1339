"""Engines beyond one machine: a case over a table that stays where it is, queried in the engine's own SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.engines.store import EngineStore


def register_engines() -> None:
    """Let cases over the known engines be opened; whoever opens cases for a user calls it first."""
    from workbench.case.store import register as register_store
    from workbench.engines.registry import ENGINES

    register_store((engine.scheme for engine in ENGINES), _open)


def _open(case: Case) -> EngineStore:
    from workbench.case.settings import ENGINE_SETTING
    from workbench.engines.store import EngineStore

    return EngineStore(case, case.ledger.setting(ENGINE_SETTING, ""))
