"""Programmers: questions about their own project, typed or sent by an agent in the editor with its tools."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.sample.account import Exchange
from workbench.sample.bank import bank
from workbench.sample.dice import Dice
from workbench.sample.hours import Tick
from workbench.sample.speech.voice import Voice

_SUFFIX = {"python": "py", "typescript": "ts", "go": "go", "rust": "rs", "java": "java", "sql": "sql"}
_TITLE = {"python": "Python", "typescript": "TypeScript", "go": "Go", "rust": "Rust", "java": "Java", "sql": "SQL"}
_TOOLS = (
    ("read_file", "edit_file", "run_command"),
    ("read_file", "write_file", "grep", "list_dir", "run_tests"),
    ("view", "str_replace", "bash"),
    ("open_file", "apply_patch", "terminal", "search_code"),
)
_AGENTS = ("Quill", "Codeloom", "Bracket", "Pairwise", "Inkstone", "Hexpad")


def _camel(words: str, *, first: bool) -> str:
    parts = [part.capitalize() for part in words.split("_")]
    return "".join(parts) if first else parts[0].lower() + "".join(parts[1:])


class CodeSpeaker:
    """A programmer with a project of their own: names of files, functions and types stay the same for weeks."""

    def __init__(self, dice: Dice, *, agent: bool) -> None:
        base = bank("developer")
        language = dice.weighted(
            (("python", 5.0), ("typescript", 5.0), ("go", 2.0), ("java", 2.0), ("rust", 1.5), ("sql", 1.0))
        )
        suffix = _SUFFIX[language]
        nouns, verbs, folders = dice.some(base["noun"], 10), dice.some(base["verb"], 10), dice.some(base["folder"], 3)
        snake = language in {"python", "rust", "sql"}
        funcs = [f"{dice.pick(verbs)}_{dice.pick(nouns)}" for _ in range(14)]
        files = [f"{dice.pick(folders)}/{dice.pick(nouns)}{dice.pick(('', '', '_' + v))}.{suffix}" for v in verbs]
        stack = base.draw(dice, f"lang_note.{language}")
        self._bank = base.narrowed(
            noun=nouns,
            verb=verbs,
            folder=folders,
            func=funcs if snake else [_camel(func, first=language == "go") for func in funcs],
            symbol=[_camel(noun, first=True) + dice.pick(("", "Store", "Service", "Row")) for noun in nouns],
            file=files,
            ext=[suffix],
            error=base[f"error.{language}"],
            snippet=base[f"snippet.{language}"],
            lang_here=[stack],
            lang_name=[_TITLE[language]],
            project=[f"{dice.pick(nouns).replace('_', '-')}-{dice.pick(('api', 'web', 'kit', 'core', 'jobs', 'app'))}"],
            login=[base.draw(dice, "name").lower()],
            agent_name=[dice.pick(_AGENTS)],
            ask=dice.some(base["ask"], 20),
            lib=dice.some(base[f"lib.{language}"], 6),
            feature=dice.some(base["feature"], 6),
        )
        self._agent = agent
        self._voice = Voice(dice)
        if agent:
            self._system = self._bank.draw(dice, "system.agent")
        else:
            self._system = self._bank.draw(dice, "system.plain") if dice.chance(0.4) else ""
        self._tools = dice.pick(_TOOLS) if agent else ()
        self._temperature = 0.0 if agent and dice.chance(0.6) else dice.pick((None, 0.2, 0.7, 0.3))
        self._context = dice.lognormal(5200.0 if agent else 300.0, 0.6)
        self._asked = ""

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return a question, or in an agent's loop the same question with what the tools said since."""
        words = self._bank
        history: Sequence[tuple[str, str]] = ()
        loop = self._agent and tick.turn > 0 and self._asked != "" and dice.chance(0.62)
        if loop:
            history = (("assistant", words.draw(dice, "agent_step")), ("tool", words.draw(dice, "tool_result")))
        else:
            section = "ask" if tick.turn == 0 or dice.chance(0.3) else "followup"
            self._asked = self._voice.write(words.draw(dice, section), dice, opening=tick.turn == 0)
        return Exchange(
            prompt=self._asked,
            answer=words.draw(dice, "code_answer" if loop else "answer"),
            output_tokens=round(dice.lognormal(190.0 if loop else 420.0, 0.85)) + 12,
            system=self._system,
            history=history,
            unseen_tokens=round(self._context * dice.lognormal(1.0 + min(tick.turn, 12) * 0.12, 0.5)),
            temperature=self._temperature,
            max_tokens=8192 if self._agent else None,
            stream=True,
            tools=self._tools,
        )
