"""What all acts have in common: their JSON fields, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Self

from workbench.case.state import Stamp, State


class Absent(Enum):
    """The value of a field that an entry does not have."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Act:
    """An act. A field whose JSON name is a Python keyword has a trailing underscore."""

    ACTION: ClassVar[str] = ""
    #: Tables of the ledger whose rows it changes.
    CHANGES: ClassVar[frozenset[str]] = frozenset()
    HANDS_OVER: ClassVar[bool] = False

    def detail(self) -> dict[str, object]:
        """Return the JSON fields of the entry."""
        detail: dict[str, object] = {}
        for spec in fields(self):
            value = getattr(self, spec.name)
            if spec.metadata.get("rest"):
                detail = {**value, **detail}
            elif value is not ABSENT:
                detail[spec.name.rstrip("_")] = value
        return detail

    @classmethod
    def read(cls, detail: Mapping[str, Any]) -> Self:
        """Return the act that an entry's JSON fields record. Raises TypeError where one is missing."""
        further = dict(detail)
        values: dict[str, Any] = {}
        rest_of = ""
        for spec in fields(cls):
            name = spec.name.rstrip("_")
            if spec.metadata.get("rest"):
                rest_of = spec.name
            elif name in further:
                values[spec.name] = further.pop(name)
        return cls(**values, **({rest_of: further} if rest_of else {}))

    @property
    def hands_over(self) -> bool:
        """Whether it hands over what is there and adds nothing to the case: a bundle leaves such last entries out."""
        return self.HANDS_OVER

    def apply(self, state: State, stamp: Stamp) -> None:
        """Do to the state what the act did to the case. Raises ValueError for what cannot have been done."""

    def keys(self, table: str) -> Sequence[tuple[object, ...]] | None:
        """Return the keys of the rows of a table in ``CHANGES`` that may have changed; None where it may be any."""
        del table
        return None


def rest() -> Mapping[str, object]:
    """Return the declaration of a field that holds all further JSON fields."""
    declared: Mapping[str, object] = field(default_factory=dict, metadata={"rest": True})
    return declared
