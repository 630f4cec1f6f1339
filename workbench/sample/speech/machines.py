"""Honest machines that repeat themselves: evaluation suites, CI jobs, load tests."""

from __future__ import annotations

from workbench.sample.account import Exchange
from workbench.sample.bank import bank, paired
from workbench.sample.dice import Dice
from workbench.sample.hours import Tick


class EvaluationSpeaker:
    """A benchmark run again and again: the same items in the same order; some suites also grade replies."""

    def __init__(self, dice: Dice, items: int) -> None:
        words = bank("machine")
        topics = dice.some(("eval.math", "eval.choice", "eval.code", "eval.fact", "eval.safety"), dice.between(1, 3))
        frame = words.draw(dice, "eval.frame", {"item": "\0"})
        self._items: list[tuple[str, str]] = []
        for _ in range(items):
            topic = dice.pick(topics)
            item, answers = paired(dice.pick(words[topic]))
            answers = answers or topic.replace("eval.", "eval.answer.")
            self._items.append((frame.replace("\0", words.fill(dice, item)), answers))
        self._judges = dice.pick((0.0, 0.0, 0.2, 0.45))
        self._judge = words.draw(dice, "eval.judge", {"ticket": "\1", "reply": "\2"})
        self._name = f"eval-{dice.pick(('nightly', 'regress', 'smoke', 'compare'))}-{dice.hex(4)}"
        self._words = words
        self._reasons = dice.chance(0.4)

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the next item of the run, or a reply to be graded."""
        words = self._words
        if dice.chance(self._judges):
            ticket, reply = words.draw(dice, "ticket"), words.draw(dice, "reply")
            prompt = self._judge.replace("\1", ticket).replace("\2", reply)
            length, answers = 40.0, "eval.grade"
        else:
            prompt, answers = self._items[tick.turn % len(self._items)]
            length = 260.0 if self._reasons else 30.0
        return Exchange(
            prompt=prompt,
            answer=words.draw(dice, answers),
            output_tokens=round(dice.lognormal(length, 0.6)) + 1,
            temperature=0.0,
            max_tokens=1024 if self._reasons else 256,
            stream=False,
            tags=(self._name,),
        )


class CiSpeaker:
    """Jobs of a build pipeline: a few prompts, filled with what changed."""

    def __init__(self, dice: Dice) -> None:
        words = bank("machine")
        self._words = words.narrowed(
            thing_ci=dice.some(words["thing_ci"], 5), **{"ci.job": dice.some(words["ci.job"], 4)}
        )
        self._system = self._words.draw(dice, "ci.system") if dice.chance(0.7) else ""

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return one job of a pipeline."""
        job, answers = paired(dice.pick(self._words["ci.job"]))
        return Exchange(
            prompt=self._words.fill(dice, job),
            answer=self._words.draw(dice, answers),
            output_tokens=round(dice.lognormal(80.0, 0.7)) + 2,
            system=self._system,
            unseen_tokens=round(dice.lognormal(700.0, 0.9)),
            temperature=0.0,
            max_tokens=800,
            stream=False,
            tags=("ci",),
        )


class LoadSpeaker:
    """A load test: one or two short prompts, thousands of times."""

    def __init__(self, dice: Dice) -> None:
        words = bank("machine")
        self._prompts = [paired(entry) for entry in dice.some(words["load.prompt"], dice.between(1, 2))]
        self._words = words

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the same few words again."""
        prompt, answers = dice.pick(self._prompts)
        return Exchange(
            prompt=prompt,
            answer=self._words.draw(dice, answers),
            output_tokens=dice.between(1, 14),
            temperature=0.0,
            max_tokens=16,
            stream=False,
            tags=("loadtest",),
        )
