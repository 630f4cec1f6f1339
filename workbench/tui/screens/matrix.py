"""The graph of a campaign as a matrix: its members down, what they share across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.execute import QueryResult
from workbench.detect import Campaign
from workbench.detect.links import Link, links
from workbench.detect.narrative import StyledLine
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.navigation import open_having, open_page
from workbench.tui.rows import Row, TableRows
from workbench.tui.style import MATRIX
from workbench.tui.tagging import tag_form
from workbench.tui.widgets.pane import Pane
from workbench.tui.widgets.table import Table
from workbench.words import counted

#: The facet of ``workbench.case.profile`` that a kind of link is, where there is one.
_FACETS = {"address": "address", "payment": "payment", "client": "client", "key": "key"}


class MatrixScreen(Frame):
    """A cell says how much of a member's traffic has the thing; the one under the cursor is told below."""

    NAME = "matrix"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("matrix"))

    def __init__(self, campaign: Campaign) -> None:
        super().__init__()
        self._campaign = campaign
        self._links: list[Link] = []

    def body(self) -> Sequence[Widget]:
        """The matrix, and what stands under the cursor."""
        return (Table(), Pane())

    def arrive(self) -> None:
        """Look up what is shared."""
        table = self.query_one(Table)
        table.empty = "nothing that two members share is listed: their tie is their hours or their wording alone"
        table.focus()
        self.where("campaigns", self._campaign.name, "matrix")
        members = [member.entity for member in self._campaign.members]
        by = "account" if self._campaign.kind == "client" else self._campaign.kind

        def done(shared: list[Link]) -> None:
            self._links = shared
            columns = [self._campaign.kind, "n", *(_name(number) for number in range(len(shared)))]
            rows: list[Row] = []
            for member in members:
                held = [link.members.get(member, 0.0) for link in shared]
                rows.append((member, sum(share > 0 for share in held), *(_shade(share) for share in held)))
            table.show(TableRows(QueryResult(columns, [], rows if shared else [])))
            right = f"{counted(len(members), 'member')}, {counted(len(shared), 'thing')} shared"
            self.where("campaigns", self._campaign.name, "matrix", right=right)

        self.job("looking up", lambda job: links(self.case, by, members, job.cursor()), done, changes=True)

    def _under(self) -> Link | None:
        at = self.query_one(Table).column - 2
        return self._links[at] if 0 <= at < len(self._links) else None

    def on_table_moved(self, _: Table.Moved) -> None:
        """Tell what the column is, and what the member has of it."""
        self.query_one(Pane).show(self._lines())

    def _lines(self) -> Iterator[StyledLine]:
        row, link = self.query_one(Table).current, self._under()
        if row is None:
            return
        if link is None:
            yield "title", f"{row[0]}: {row[1]} of {counted(len(self._links), 'thing')} shared; h l walk them"
            kinds = {shared.kind for shared in self._links}
            for kind in sorted(kinds):
                names = [_name(number) for number, shared in enumerate(self._links) if shared.kind == kind]
                yield "text", f"  {kind}: {' '.join(names)}"
            return
        number = self._links.index(link)
        yield "title", f"{_name(number)}: {link.kind} {link.value}"
        yield "text", f"held by {counted(len(link.members), 'member')}, by {link.holders:,} altogether"
        share = link.members.get(row[0], 0.0)
        yield "text", f"{row[0]}: " + (f"{100 * share:.0f} % of its requests" if share else "does not have it")

    def on_table_opened(self, event: Table.Opened) -> None:
        """The member's page."""
        open_page(self, self._campaign.kind, event.row[0])

    def action_having(self) -> None:
        """All that have the thing under the cursor, members or not."""
        link = self._under()
        if link is None or link.kind not in _FACETS:
            self.say("move to an address, a payment or a client (h l)", error=True)
        else:
            open_having(self, self._campaign.kind, _FACETS[link.kind], link.value)

    def action_tag(self) -> None:
        """Tag the marked members, or this one."""
        tag_form(self, self._campaign.kind, [str(row[0]) for row in self.query_one(Table).chosen()])

    def action_pane(self, step: int) -> None:
        """Scroll the text."""
        self.query_one(Pane).scroll_by(step * 3)


def _name(number: int) -> str:
    """Return a short name of a column: a to z, then aa, ab …"""
    first, second = divmod(number, 26)
    return (chr(96 + first) if first else "") + chr(97 + second)


def _shade(share: float) -> str | None:
    """Return a share as a shade that is told apart without colour."""
    return MATRIX[min(len(MATRIX) - 1, int(share * len(MATRIX)))] if share > 0 else None
