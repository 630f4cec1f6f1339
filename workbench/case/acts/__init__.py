"""The acts: what changes a case or is recorded of it, as it stands in the audit chain.

One class per action. Its fields are the JSON fields of the entry's ``detail``; ``apply`` is what it does to the state
that ``verify`` expects; ``CHANGES`` and ``keys`` are the rows of the ledger that it changes. ``Ledger.act`` writes
them, ``workbench.evidence.chain`` reads them. Names of actions and fields never change, because cases keep them for
ever. A field that was added later has the default ``ABSENT``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from workbench.case.acts import contents, handover, tagging
from workbench.case.acts.base import Act

#: Every action that an audit chain may have.
ACTIONS: Mapping[str, type[Act]] = {
    kind.ACTION: kind
    for module in (contents, handover, tagging)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Act) and kind.ACTION
}


def read_act(action: str, detail: str) -> Act:
    """Return the act of an entry. Raises LookupError for an unknown action, ValueError for other fields than it has."""
    kind = ACTIONS[action]
    try:
        return kind.read(json.loads(detail))
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from error
