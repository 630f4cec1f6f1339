"""How many examples a property test tries: few in a contributor's run, many in the run of the slow groups."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

Test = TypeVar("Test", bound=Callable[..., object])

#: The run of the slow groups says so.
MANY = bool(os.environ.get("WORKBENCH_MANY_EXAMPLES"))


def examples(few: int, many: int, *, unhealthy: bool = False) -> Callable[[Test], Test]:
    """Try so many examples; the slow groups repeat the test with many of them.

    With ``unhealthy`` data may be slow to make, large or often refused, and fixtures are shared by the examples.
    """
    checks = list(HealthCheck) if unhealthy else []

    def mark(test: Test) -> Test:
        chosen = settings(max_examples=many if MANY else few, deadline=None, suppress_health_check=checks)
        return pytest.mark.examples(chosen(test))  # type: ignore[no-any-return]

    return mark
