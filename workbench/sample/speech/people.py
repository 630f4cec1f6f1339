"""People who ask for themselves: chat users, pupils and students, a class with one assignment."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.sample.account import Exchange
from workbench.sample.bank import Bank, bank
from workbench.sample.dice import Dice
from workbench.sample.hours import Tick
from workbench.sample.speech.voice import Voice

TONGUES = {
    "DE": ("de",), "FR": ("fr",), "ES": ("es",), "MX": ("es",), "AR": ("es",), "BR": ("pt",), "IT": ("it",),
    "PL": ("pl",), "TR": ("tr",), "NL": ("nl",), "SE": ("sv",), "JP": ("ja",), "KR": ("ko",), "TW": ("zh",),
    "HK": ("zh",), "SG": ("zh",), "ID": ("id",), "VN": ("vi",), "IN": ("hi",),
}  # fmt: skip


def topic_of(drawn: dict[str, str]) -> str:
    """Return the longest of the words that a question was filled with, for its answer to name."""
    return max((word for word in drawn.values() if len(word) < 40), key=len, default="this")


class ChatSpeaker:
    """A chat user: a few fields of life, some in the mother tongue, conversations with follow-up questions."""

    def __init__(self, dice: Dice, country: str) -> None:
        chat = bank("chat")
        self._fields = dice.some(chat.sections("ask."), dice.between(2, 6))
        self._chat = chat.personal(dice, dict.fromkeys(self._fields, 9) | {"follow": 14, "answer": 9})
        tongues = TONGUES.get(country, ())
        self._tongue = dice.pick(tongues) if tongues and dice.chance(0.75) else ""
        self._foreign = (dice.uniform(0.2, 1.0) if country != "IN" else 0.3) if self._tongue else 0.0
        self._voice = Voice(dice, chat["opener"], chat["closer"])
        self._system = chat.draw(dice, "system") if dice.chance(0.4) else ""
        self._length = dice.lognormal(210.0, 0.35)
        self._last: tuple[str, str] | None = None
        self._native = False

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return a first question of a conversation, or one that follows on the last answer."""
        drawn: dict[str, str] = {}
        history: Sequence[tuple[str, str]] = ()
        opening = tick.turn == 0 or self._last is None
        if opening:
            self._native = dice.chance(self._foreign)
        source: Bank = bank("tongues") if self._native else self._chat
        if opening:
            section = self._tongue if self._native else dice.pick(self._fields)
        else:
            section = f"follow.{self._tongue}" if self._native else "follow"
        if not opening and dice.chance(0.25):
            section = self._tongue if self._native else dice.pick(self._fields)
        text = source.fill(dice, dice.pick(source[section]), drawn=drawn)
        prompt = self._voice.write(text, dice, opening=opening)
        answers = f"answer.{self._tongue}" if self._native else "answer"
        answer = source.draw(dice, answers, {"topic": topic_of(drawn)})
        if not opening and self._last is not None:
            history = (("user", self._last[0]), ("assistant", self._last[1]))
        self._last = (prompt, answer)
        return Exchange(
            prompt=prompt,
            answer=answer,
            output_tokens=round(dice.lognormal(self._length, 0.75)) + 8,
            system=self._system,
            history=history,
            unseen_tokens=tick.turn * 240,
            temperature=0.8,
            stream=True,
            refused=dice.chance(0.002),
        )


class StudentSpeaker:
    """A pupil or student: exercises of a few subjects, often asked for with every step."""

    def __init__(self, dice: Dice) -> None:
        study = bank("study")
        subjects = ("maths", "maths", "physics", "chemistry", "essay", "biology")
        self._subjects = dice.some(subjects, dice.between(1, 3))
        self._subject = self._subjects[0]
        self._study = study.personal(dice, dict.fromkeys(self._subjects, 7) | {"stepwise": 4})
        self._stepwise = dice.uniform(0.1, 0.85)
        self._voice = Voice(dice, bank("chat")["opener"], bank("chat")["closer"])
        self._last: tuple[str, str] | None = None

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return an exercise, or a question about the last answer."""
        study = self._study
        follows = tick.turn > 0 and self._last is not None and dice.chance(0.6)
        if not follows:
            self._subject = dice.pick(self._subjects)
        text = study.draw(dice, "study.follow" if follows else self._subject)
        if not follows and dice.chance(self._stepwise):
            text += dice.pick((", ", "\n", " - ", ". ") if text[-1:].isalnum() else (" ", "\n"))
            text += study.draw(dice, "stepwise")
        prompt = self._voice.write(text, dice, opening=tick.turn == 0)
        answer = study.draw(dice, f"answer.{self._subject}")
        history: Sequence[tuple[str, str]] = ()
        if follows and self._last is not None:
            history = (("user", self._last[0]), ("assistant", self._last[1]))
        self._last = (prompt, answer)
        return Exchange(
            prompt=prompt,
            answer=answer,
            output_tokens=round(dice.lognormal(420.0, 0.6)) + 10,
            history=history,
            unseen_tokens=tick.turn * 350,
            temperature=0.8,
            stream=True,
        )


class ClassSpeaker:
    """One of a class: everybody asks about the parts of the same assignment, each in their own words."""

    def __init__(self, dice: Dice, course: str) -> None:
        study = bank("study")
        self._study = study.personal(dice, {"task.ask": 9})
        self._tasks = study[course]
        self._voice = Voice(dice, bank("chat")["opener"], bank("chat")["closer"])
        self._stepwise = dice.uniform(0.0, 0.5)
        self._last: tuple[str, str] | None = None

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return a question about one part of the assignment."""
        study = self._study
        follows = tick.turn > 0 and self._last is not None and dice.chance(0.35)
        task = study.fill(dice, dice.pick(self._tasks))
        text = study.draw(dice, "study.follow" if follows else "task.ask", {"task": task})
        if not follows and dice.chance(self._stepwise):
            text += dice.pick((". ", ", ", "\n")) + study.draw(dice, "stepwise")
        prompt = self._voice.write(text, dice, opening=tick.turn == 0)
        answer = study.draw(dice, "answer.task")
        history: Sequence[tuple[str, str]] = ()
        if follows and self._last is not None:
            history = (("user", self._last[0]), ("assistant", self._last[1]))
        self._last = (prompt, answer)
        return Exchange(
            prompt=prompt,
            answer=answer,
            output_tokens=round(dice.lognormal(480.0, 0.6)) + 10,
            history=history,
            unseen_tokens=tick.turn * 300 + (dice.below(2500) if dice.chance(0.3) else 0),
            temperature=0.8,
            stream=True,
        )
