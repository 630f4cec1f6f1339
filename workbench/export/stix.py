"""What is tagged as a STIX 2.1 bundle: observables, what was observed of them, notes with reasons, campaigns.

Made with the stix2 library (the ``interop`` extra). Ids are UUIDv5 of what leaves, never of what a policy keeps back,
and times are the case's own, so the same case gives the same bytes. Nobody is called a threat actor: tags and
findings are notes, and what was dismissed is left out unless it is asked for.
"""

# mypy: disable-error-code="no-untyped-call, import-untyped"

from __future__ import annotations

import ipaddress
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.acts.handover import ExportWritten
from workbench.case.digest import Digest
from workbench.case.folder import atomic_write, publish, sha256_file
from workbench.case.tags import ACCEPTED, DISMISSED, KINDS, Tag
from workbench.errors import ExportError, UsageError
from workbench.export.export import NOTHING_TAGGED, Exported, query_for, selection
from workbench.export.redact import Redactor
from workbench.export.report import accepted_as, judge
from workbench.safetext import safe
from workbench.sqltext import literal
from workbench.values import iso
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.detect import Campaign, Triage
    from workbench.export.policy import Policy

MISSING = "STIX needs the stix2 library: pip install 'workbench-forensics[interop]'"
#: How many of a thing's accounts and addresses stand in a bundle, the most used first.
LISTED = 100
_SPACE = uuid.UUID("0b0f5b6e-6f3c-5d1c-9a54-6d6f1d6b1c52")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_CUT4 = re.compile(r"((?:\d{1,3}\.){1,3})\*")
_CUT6 = re.compile(r"([0-9a-f:]+):\*")
_NO_TIME = "1970-01-01T00:00:00Z"

_HITS = [
    f"SELECT t.kind, t.id, e.ts, e.account, e.client_ip FROM event AS e JOIN thing AS t "
    f"ON t.kind = {literal(kind)} AND e.{column} = t.id"
    for kind, column in KINDS.items()
    if kind not in ("client", "session")
]
_HITS += [
    "SELECT t.kind, t.id, e.ts, e.account, e.client_ip FROM event AS e JOIN thing AS t "
    "ON t.kind = 'client' AND e.entity_kind = 'client' AND e.entity = t.id",
    "SELECT t.kind, t.id, e.ts, e.account, e.client_ip FROM thing AS t JOIN session AS s "
    "ON t.kind = 'session' AND s.session = t.id JOIN event AS e "
    "ON e.entity_kind = s.entity_kind AND e.entity = s.entity AND e.ts BETWEEN s.first AND s.last",
]
_SEEN = f"""
WITH thing AS (SELECT DISTINCT kind, id FROM tag WHERE $tag IS NULL OR tag = $tag),
pair AS MATERIALIZED (SELECT kind, id, account, client_ip, count(*) AS n, min(ts) AS first, max(ts) AS last
    FROM ({" UNION ALL ".join(_HITS)}) GROUP BY ALL),
used AS (SELECT kind, id, 'account' AS what, account AS value, sum(n) AS n FROM pair
    WHERE account IS NOT NULL GROUP BY ALL
    UNION ALL SELECT kind, id, 'address', client_ip, sum(n) FROM pair WHERE client_ip IS NOT NULL GROUP BY ALL),
listed AS (SELECT kind, id, what, list(value ORDER BY n DESC, value)[:{LISTED}] AS some, count(*) AS number
    FROM used GROUP BY ALL),
whole AS (SELECT kind, id, sum(n)::BIGINT AS events, min(first) AS first, max(last) AS last FROM pair GROUP BY ALL)
SELECT w.*, coalesce(a.some, []) AS accounts, coalesce(a.number, 0) AS account_number,
    coalesce(i.some, []) AS addresses, coalesce(i.number, 0) AS address_number
FROM whole AS w LEFT JOIN listed AS a ON a.kind = w.kind AND a.id = w.id AND a.what = 'account'
LEFT JOIN listed AS i ON i.kind = w.kind AND i.id = w.id AND i.what = 'address' ORDER BY w.kind, w.id"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the events of one thing say, raw: how many, when, and the most used accounts and addresses."""

    events: int
    first: Any
    last: Any
    accounts: list[str]
    account_number: int
    addresses: list[str]
    address_number: int


def share_stix(case: Case, path: Path, *, tag: str | None = None, policy: Policy | None = None) -> Exported:
    """Write what is tagged (with ``tag``, else with any but ``dismissed``) as one bundle, and note it in the chain.

    ``rows`` of the answer are its objects. Raises UsageError for a file's ending, ExportError where stix2 is not there,
    nothing is tagged, or the policy lets no tags leave.
    """
    try:
        import stix2  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise ExportError(MISSING) from error
    if path.suffix != ".json":
        raise UsageError(f"{path}: STIX is written as .json")
    redactor = Redactor.of(case, policy) if policy else None
    if redactor:
        redactor.allow("tags")
    query_for(case, "tags", tag)
    dismissed = {(one.kind, one.id) for one in case.tags.all(tag=DISMISSED)} if tag is None else set()
    things: dict[tuple[str, str], list[Tag]] = {}
    for item in case.tags.all(tag=tag):
        if (item.kind, item.id) not in dismissed:
            things.setdefault((item.kind, item.id), []).append(item)
    if not things:
        raise ExportError(NOTHING_TAGGED)
    objects = list(_Maker(case, redactor, tag, dismissed).objects(things))
    chosen = {"tag": tag, "policy": policy.name if policy else None, "objects": len(objects)}
    bundle = f"bundle--{uuid.uuid5(_SPACE, ' '.join(one['id'] for one in objects))}"
    with atomic_write(path) as part:
        with part.open("w", encoding="utf-8") as out:
            out.write(f'{{"type": "bundle", "id": "{bundle}", "objects": [\n')
            for number, item in enumerate(objects):
                out.write((",\n" if number else "") + item.serialize(ensure_ascii=True))
            out.write("\n]}\n")
        digest = sha256_file(part)
        with case.ledger.act(ExportWritten("stix", path.name, digest, chosen)):
            publish(part, path)
    return Exported(path, len(objects), digest)


class _Maker:
    """Makes the objects of one bundle."""

    def __init__(self, case: Case, redactor: Redactor | None, tag: str | None, dismissed: set[tuple[str, str]]) -> None:
        self.case = case
        self.redactor = redactor
        self.tag = tag
        self.dismissed = dismissed
        chain = case.ledger.rows("SELECT at, hash FROM audit ORDER BY seq LIMIT 1")[0]
        self._seed = f"{chain['hash']} {redactor.policy.name if redactor else ''}"
        self._began = str(chain["at"])
        self._loaded = max((log.loaded_at for log in case.sources() if log.loaded_at), default=self._began)
        self._given: dict[str, int] = {}

    def objects(self, things: dict[tuple[str, str], list[Tag]]) -> Iterator[Any]:
        """Yield the objects, each once: the case, its logs, the tagged things, the campaigns that they are of."""
        import stix2

        left = f" {len(self.dismissed):,} dismissed ones are left out." if self.dismissed else ""
        about = f"Tags and accepted findings of an investigation of request logs.{left} A tag is no verdict."
        self.creator = stix2.Identity(
            id=self._id("identity", "case"), name=f"Case {self.case.name}" if not self.redactor else "A case",
            identity_class="system", description=about, **self._times(self._began, self._began, creator=False),
        )  # fmt: skip
        yield self.creator
        may = self.redactor.policy.tables if self.redactor else ("events", "findings")
        seen = self._seen() if "events" in may else {}
        accepted = {one.kind for tags in things.values() for one in tags if one.tag == ACCEPTED}
        judged = judge(self.case, accepted) if "findings" in may else {}
        sent: set[str] = set()
        subjects: dict[tuple[str, str], str] = {}
        for thing, tags in things.items():
            for made in self._thing(thing, tags, seen.get(thing), judged, subjects):
                if made["id"] not in sent:
                    sent.add(made["id"])
                    yield made
        if self._keeps("campaign"):
            for triage, _ in judged.values():
                for campaign in triage.campaigns:
                    yield from self._campaign(campaign, subjects)

    def _thing(
        self, thing: tuple[str, str], tags: Sequence[Tag], seen: _Seen | None,
        judged: dict[str, tuple[Triage, int]], subjects: dict[tuple[str, str], str],
    ) -> Iterator[Any]:  # fmt: skip
        import stix2

        kind, name = thing
        shown = self._shown(kind, name)
        subject = self._observable(kind, shown) if shown else None
        with_it = (
            [*(("account", one) for one in seen.accounts), *(("address", one) for one in seen.addresses)]
            if seen
            else []
        )
        others = [
            self._observable(what, self._shown(what, one)) for what, one in with_it if (what, one) not in self.dismissed
        ]
        refs = list({one["id"]: one for one in (subject, *others) if one is not None}.values())
        key = f"{kind} {shown}"
        times = self._times(min(one.tagged_at for one in tags), max(one.tagged_at for one in tags))
        yield from refs
        texts: list[str] = []
        if subject is None:
            subject = stix2.Identity(
                id=self._id("identity", key), name=f"{kind} {shown or '(withheld)'}",
                identity_class="organization" if kind == "organisation" else "unknown", **times,
            )  # fmt: skip
            yield subject
        about = [subject["id"]]
        span = [self._time(iso(one)) for one in (seen.first, seen.last) if one] if seen else []
        if seen and refs and len(span) == 2 and all(span):
            observed = stix2.ObservedData(
                id=self._id("observed-data", key), first_observed=span[0], last_observed=span[1], object_refs=refs,
                number_observed=min(seen.events, 999_999_999), **times,
            )  # fmt: skip
            about.append(observed["id"])
            yield observed
        if seen:
            texts.append(
                f"{counted(seen.events, 'event')}, {counted(seen.account_number, 'account')}, "
                f"{counted(seen.address_number, 'address')}"
            )
            if max(seen.account_number, seen.address_number) > LISTED:
                texts[-1] += f" (the {LISTED} most used of each are listed)"
        subjects.setdefault(thing, subject["id"])
        yield self._note(
            key, f"{kind} {shown or '(withheld)'}", [*self._said(tags, judged), *texts], about, tags, times
        )

    def _said(self, tags: Sequence[Tag], judged: dict[str, tuple[Triage, int]]) -> Iterator[str]:
        """Say what was tagged and why, and of what was accepted what triage says, for and against."""
        for tag in tags:
            accepted = accepted_as(tag, judged, self.redactor)
            yield f"tagged {self._label(tag.tag)}" + (f": {safe(accepted.tag.note)}" if accepted.tag.note else "")
            if tag.tag != ACCEPTED or accepted.finding is None:
                continue
            one = accepted.finding
            yield f"triage: score {one.score:.2f}, q {one.q_value:.2g}, {'flagged' if one.flagged else 'not flagged'}"
            yield from _argued(one, reasons=self._keeps("reasons"), innocent=self._keeps("innocent"))

    def _note(
        self, key: str, title: str, lines: Sequence[str], about: Sequence[str], tags: Sequence[Tag],
        times: dict[str, Any],
    ) -> Any:  # fmt: skip
        import stix2

        people = sorted({one.tagged_by for one in tags}) if self._keeps("tagged_by") else []
        return stix2.Note(
            id=self._id("note", key), abstract=safe(title), content="\n".join(lines), object_refs=list(about),
            labels=sorted({self._label(one.tag) for one in tags}) or ["campaign"],
            **({"authors": people} if people else {}), **times,
        )  # fmt: skip

    def _campaign(self, campaign: Campaign, subjects: dict[tuple[str, str], str]) -> Iterator[Any]:
        """A group, with those of its members alone that are tagged: nobody is named whom no person named."""
        import stix2

        tagged = [(campaign.kind, one.entity) for one in campaign.members if (campaign.kind, one.entity) in subjects]
        if not tagged:
            return
        times = self._times(self._loaded, self._loaded)
        size = f"{counted(campaign.size, 'member')} in triage, {len(tagged):,} of them tagged and named here"
        grouping = stix2.Grouping(
            id=self._id("grouping", campaign.name), name=safe(campaign.name), context="suspicious-activity",
            description=size, object_refs=sorted({subjects[one] for one in tagged}), **times,
        )  # fmt: skip
        yield grouping
        lines = list(_argued(campaign, reasons=self._keeps("reasons"), innocent=self._keeps("innocent")))
        if self.redactor:
            for kind, name in ((campaign.kind, one.entity) for one in campaign.members):
                shown = self._shown(kind, name) or "(withheld)"
                lines = [line.replace(name, shown) for line in lines]
        yield self._note(f"campaign {campaign.name}", campaign.name, [size, *lines], [grouping["id"]], [], times)

    def _seen(self) -> dict[tuple[str, str], _Seen]:
        with self.case.tagged(selection(self.tag)) as at:
            cursor, started = at.cursor(_SEEN), time.monotonic()
            found = at.query(_SEEN, {"tag": self.tag}, cursor=cursor)
            digest = Digest(found.columns, ordered=True).of(found.rows)
            spent = time.monotonic() - started
            at.runs.record("export", "stix", _SEEN, {"tag": self.tag}, len(found.rows), spent, digest)
        return {(row[0], row[1]): _Seen(*row[2:]) for row in found.rows}

    def _observable(self, kind: str, shown: str | None) -> Any:
        """Return the observable that a thing is, None where STIX has none for it."""
        import stix2

        if shown is None:
            return None
        if kind == "account":
            return stix2.UserAccount(user_id=shown)
        if kind == "key":
            return stix2.UserAccount(user_id=shown, account_type="api-key")
        if kind != "address":
            return None
        network = as_network(shown)
        if network is None:
            return stix2.DomainName(value=shown) if _DOMAIN.fullmatch(shown) else None
        return stix2.IPv4Address(value=network) if "." in network else stix2.IPv6Address(value=network)

    def _shown(self, kind: str, name: str) -> str | None:
        return name if self.redactor is None else self.redactor.value(kind, name)

    def _keeps(self, column: str) -> bool:
        return self.redactor is None or self.redactor.policy.of(column) == "keep"

    def _label(self, tag: str) -> str:
        if self._keeps("tag"):
            return tag
        assert self.redactor is not None
        return self.redactor.verdicts(tag) if self.redactor.policy.of("tag") == "verdict" else "tagged"

    def _times(self, created: str, modified: str, *, creator: bool = True) -> dict[str, Any]:
        by = {"created_by_ref": self.creator["id"]} if creator else {}
        first, last = (self._time(one) or _NO_TIME for one in (created, max(modified, self._loaded)))
        return {"created": first, "modified": max(first, last), **by}

    def _time(self, text: str) -> str | None:
        """Return a time as it may leave, whole again where a policy cut it."""
        treatment = self.redactor.policy.of("first") if self.redactor else "keep"
        if treatment == "coarse" and self.redactor:
            cut = text[: self.redactor.policy.time_length].rstrip("Z")
            return cut + _NO_TIME[len(cut) :] if len(cut) <= 19 else text
        return text if treatment == "keep" else None

    def _id(self, kind: str, key: str) -> str:
        """Return an id made of what leaves; things that look alike once redacted are numbered."""
        full = f"{kind} {key}"
        number = self._given[full] = self._given.get(full, 0) + 1
        return f"{kind}--{uuid.uuid5(_SPACE, f'{self._seed} {full} {number}')}"


def _argued(argued: Any, *, reasons: bool, innocent: bool) -> Iterator[str]:
    """Say the reasons for a finding or a campaign, and the innocent explanations that were tested."""
    for argument in argued.reasons if reasons else ():
        yield f"reason: {safe(argument.text)} ({argument.playbook})"
    for argument in argued.innocent if innocent else ():
        yield f"innocent explanation: {safe(argument.name)}: {argument.verdict}"
        yield from (f"  for: {safe(text)}" for text in argument.speaks_for)
        yield from (f"  against: {safe(text)}" for text in argument.speaks_against)
        yield f"  would settle it: {safe(argument.settled_by)}"


def as_network(shown: str) -> str | None:
    """Return an address, or one cut to its prefix (``203.0.113.*``), as STIX has it; None for what is neither."""
    if match := _CUT4.fullmatch(shown):
        groups = match[1].rstrip(".").split(".")
        shown = ".".join([*groups, *["0"] * (4 - len(groups))]) + f"/{8 * len(groups)}"
    elif match := _CUT6.fullmatch(shown):
        shown = f"{match[1]}::/{16 * len(match[1].split(':'))}"
    try:
        return str(ipaddress.ip_network(shown) if "/" in shown else ipaddress.ip_address(shown))
    except ValueError:
        return None
