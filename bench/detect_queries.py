"""Prompts alone: accounts that ask real query sets among accounts of real prompts, without times and addresses.

The folder holds one JSON file a set, a list of prompts: ``hostile-NAME.json`` are sets that somebody harvests with, all
others are what ordinary people ask. ``dealt`` mixes give each ordinary account prompts of all ordinary sets; ``narrow``
mixes have accounts besides that ask one ordinary set each and nothing else. Printed for each set: the share of its
accounts that score above all but one in a hundred ordinary ones. No such files come with the project.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import mean

from bench.detect_mix import load_mix
from workbench.detect import triage

ORDINARY, EACH, FALSE_ALARMS = 600, 50, 0.01
Accounts = list[tuple[str, list[str]]]


def measure_queries(folder: Path, seeds: int, first: int) -> None:
    """Print how many of the accounts of each hostile set are found, by accounts a set and kind of mix."""
    sets = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}
    hostile = {name.removeprefix("hostile-"): asked for name, asked in sets.items() if name.startswith("hostile-")}
    ordinary = [asked for name, asked in sets.items() if not name.startswith("hostile-")]
    if not hostile or not ordinary:
        print(f"no query sets in {folder}")
        return
    print(f"\nprompts alone, {EACH} an account, found at {FALSE_ALARMS:.0%} false alarms (mean of {seeds} seeds)")
    print("mix     accounts  mean  " + "  ".join(hostile))
    for narrow in (False, True):
        for size in (10, 5):
            runs = [_run(ordinary, hostile, size, narrow, seed) for seed in range(first, first + seeds)]
            found = {name: mean(run[name] for run in runs) for name in hostile}
            shares = "  ".join(f"{found[name]:>{len(name)}.2f}" for name in hostile)
            print(f"{'narrow' if narrow else 'dealt':<8}{size:>8}{mean(found.values()):>6.2f}  {shares}", flush=True)


def _run(
    ordinary: Sequence[list[str]], hostile: Mapping[str, list[str]], size: int, narrow: bool, seed: int
) -> dict[str, float]:
    dice = Random(seed)
    pool = [prompt for asked in ordinary for prompt in dice.sample(asked, min(len(asked), 120))]
    accounts: Accounts = [("", dice.sample(pool, EACH)) for _ in range(ORDINARY)]
    if narrow:
        accounts += [("", dice.sample(asked, min(len(asked), EACH))) for asked in ordinary]
    for name, asked in hostile.items():
        for _ in range(size):
            accounts.append((name, dice.sample(asked, min(len(asked), EACH))))
    work = Path(tempfile.mkdtemp(prefix="bench-queries-"))
    try:
        log = work / "prompts.ndjson"
        with log.open("w", encoding="utf-8") as file:
            for number, (_, prompts) in enumerate(accounts):
                for prompt in prompts:
                    message = [{"role": "user", "content": prompt}]
                    file.write(json.dumps({"user": f"u{number}", "model": "m", "messages": message}) + "\n")
        with load_mix(work / "prompts.case", log) as case:
            scores = {row.entity: row.score for row in triage(case).rows}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    known = [(name, scores.get(f"u{number}", 0.0)) for number, (name, _) in enumerate(accounts)]
    innocent = sorted((score for name, score in known if not name), reverse=True)
    alarm = innocent[int(FALSE_ALARMS * len(innocent))]
    return {name: mean(score > alarm for its, score in known if its == name) for name in hostile}
