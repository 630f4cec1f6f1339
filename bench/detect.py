"""``python -m bench detect``: triage on seeded mixes of honest and hostile traffic, against baselines.

For each mix and way of logging: average precision, recall where precision is at least 0.95, how many are flagged at
fdr 0.05 and how many of those wrongly, seconds and memory; then false accusations by honest kind over all mixes.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean

from bench.detect_mix import WAYS, Mix, Truth, load_mix, write_mix
from bench.detect_queries import measure_queries
from bench.detect_score import by_columns, by_discrepancy, by_isolation, quality
from workbench.detect import triage
from workbench.detect.build import build

MIXES = (
    Mix("all kinds 5 %", 2000, 0.05, chosen=("hydra", "rubric", "proxy", "slow", "takeover")),
    Mix("some kinds 20 %", 2000, 0.2),
    Mix("some kinds 1 %", 2000, 0.01),
    Mix("any share", 2000, -1),
    Mix("proxy 3 %", 2000, 0.03, chosen=("proxy",)),
    Mix("slow 3 %", 2000, 0.03, chosen=("slow",)),
    Mix("takeover 3 %", 2000, 0.03, chosen=("takeover",)),
    Mix("no campaign", 2000, 0.0),
)
FDR = 0.05


@dataclass(slots=True)
class Tally:
    """What was measured for one mix and way over the seeds."""

    precision: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    recall: list[float] = field(default_factory=list)
    flagged: int = 0
    wrong: int = 0
    stated: list[float] = field(default_factory=list)  # the share expected to be wrong, by run
    observed: list[float] = field(default_factory=list)  # the share that was
    hostile: int = 0
    found: int = 0
    runs: int = 0
    runs_with_wrong: int = 0
    seconds: list[float] = field(default_factory=list)


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench detect", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="seeds a mix")
    parser.add_argument("--first", type=int, default=100, help="first seed")
    parser.add_argument("--sizes", default="", help="accounts in each mix, one or more: 2000,25000")
    parser.add_argument("--prevalence", default="", help="hostile shares, in place of each mix's own: 0.01,0.2")
    parser.add_argument("--each", type=int, help="requests an account, on average")
    parser.add_argument("--mix", action="append", help="only mixes whose name contains this")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way of logging")
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--queries", type=Path, help="folder of real prompts (see bench/detect_queries.py)")
    parser.add_argument("--keep", type=Path, help="keep the cases in this folder")
    given = parser.parse_args(argv)
    mixes = [
        one
        for mix in MIXES
        if not given.mix or any(part in mix.name for part in given.mix)
        for one in _varied(mix, _numbers(given.sizes), _numbers(given.prevalence))
    ]
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    accused: dict[str, Counter[str]] = defaultdict(Counter)
    people: dict[str, Counter[str]] = defaultdict(Counter)
    print(
        "mix               way      seed entities hostile    AP  rec95 flagged  wrong   found  seconds  wrong, missed"
    )
    for mix in mixes:
        sized = replace(mix, each=given.each or mix.each)
        for seed in range(given.first, given.first + given.seeds):
            work = Path(tempfile.mkdtemp(prefix="bench-detect-"))
            try:
                logs = write_mix(work / "logs", sized, seed, given.way or WAYS)
                for way, (log, truth) in logs.items():
                    _measure(work, sized, way, seed, log, truth, tallies[mix.name, way], accused, people,
                             baselines=not given.no_baselines)  # fmt: skip
                if given.keep:
                    shutil.copytree(work, given.keep / f"{mix.name.replace(' ', '-')}-{seed}", dirs_exist_ok=True)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    _summary(tallies, accused, people)
    if given.queries:
        measure_queries(given.queries, given.seeds, given.first)
    return 0


def _numbers(given: str) -> list[float]:
    return [float(one) for one in given.split(",") if one.strip()]


def _varied(mix: Mix, sizes: Sequence[float], shares: Sequence[float]) -> list[Mix]:
    """Return a mix in each size and with each share of hostile accounts (none stays none)."""
    out = [replace(mix, accounts=round(size), name=f"{mix.name} {size:,.0f}") for size in sizes] or [mix]
    if shares and mix.share:
        out = [replace(one, share=share, name=f"{one.name} at {share:.1%}") for one in out for share in shares]
    return out


def _measure(
    work: Path,
    mix: Mix,
    way: str,
    seed: int,
    log: Path,
    truth: dict[str, Truth],
    tally: Tally,
    accused: dict[str, Counter[str]],
    people: dict[str, Counter[str]],
    *,
    baselines: bool,
) -> None:
    case = load_mix(work / f"{way}.case", log)
    with case:
        started = time.monotonic()
        found = triage(case, fdr=FDR)
        tally.seconds.append(time.monotonic() - started)
        ranked = [one.entity for one in found.rows]
        flagged = [one.entity for one in found.rows if one.flagged]
        wrong = Counter(truth[one].kind for one in flagged if not truth[one].campaign)
        good = quality(ranked, truth)
        hostile = sum(1 for one in truth.values() if one.campaign)
        hits = len(flagged) - sum(wrong.values())
        tally.runs += 1
        tally.flagged += len(flagged)
        tally.wrong += sum(wrong.values())
        tally.runs_with_wrong += bool(wrong)
        tally.stated.append(found.expected_wrong / max(len(flagged), 1))
        tally.observed.append(sum(wrong.values()) / max(len(flagged), 1))
        tally.hostile += hostile
        tally.found += hits
        accused[way] += wrong
        people[way] += Counter(one.kind for one in truth.values() if not one.campaign)
        if hostile:
            tally.precision["triage"].append(good.average_precision)
            tally.recall.append(good.recall_at_95)
            if baselines:
                made = build(case, "account")
                orders = {
                    "volume": by_columns(case, made, "requests"),
                    "addresses": by_columns(case, made, "addresses"),
                }
                orders["isolation"] = by_isolation(case, made, seed)
                if way in {"prompts", "client"}:
                    orders["mmd"] = by_discrepancy(case, made)
                for name, order in orders.items():
                    tally.precision[name].append(quality(order, truth).average_precision)
        missed = Counter(truth[one].campaign for one in ranked if truth[one].campaign)
        missed.subtract(Counter(truth[one].campaign for one in flagged if truth[one].campaign))
        lost = {name: count for name, count in missed.items() if count}
        print(
            f"{mix.name:<17} {way:<8} {seed:>4} {len(ranked):>8} {hostile:>7} {good.average_precision:>6.3f} "
            f"{good.recall_at_95:>6.3f} {len(flagged):>7} {sum(wrong.values()):>6} {hits:>7} {tally.seconds[-1]:>8.1f}"
            f"  {dict(wrong.most_common(4))} missed {lost}",
            flush=True,
        )


def _summary(
    tallies: dict[tuple[str, str], Tally], accused: dict[str, Counter[str]], people: dict[str, Counter[str]]
) -> None:
    print(
        "\nmix               way      runs     AP  rec95  found  stated observed  runs with a wrong one  seconds"
        "  baselines' AP"
    )
    for (name, way), one in tallies.items():
        base = ", ".join(f"{key} {mean(values):.2f}" for key, values in one.precision.items() if key != "triage")
        ap = mean(one.precision["triage"]) if one.precision["triage"] else float("nan")
        recall = mean(one.recall) if one.recall else float("nan")
        print(
            f"{name:<17} {way:<8} {one.runs:>4} {ap:>6.3f} {recall:>6.3f} {one.found / max(one.hostile, 1):>6.3f} "
            f"{mean(one.stated):>7.4f} {mean(one.observed):>8.4f} {one.runs_with_wrong:>7} of {one.runs:<4} "
            f"{mean(one.seconds):>17.1f}  {base}"
        )
    for way, kinds in accused.items():
        flagged = sum(one.flagged for (_, its), one in tallies.items() if its == way)
        wrong = sum(kinds.values())
        print(f"\n{way}: {wrong} wrong of {flagged} flagged ({wrong / max(flagged, 1):.3f}, stated {FDR})")
        for kind, count in kinds.most_common():
            print(f"  {kind:<16}{count:>6} of {people[way][kind]:>7} ({100 * count / people[way][kind]:.2f} %)")
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
