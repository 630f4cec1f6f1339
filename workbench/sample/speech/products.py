"""Products built on the service: each has a template of its own, filled with its documents and customers' words."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.sample.account import Exchange
from workbench.sample.bank import bank, paired
from workbench.sample.dice import Dice
from workbench.sample.hours import Tick
from workbench.sample.speech.voice import Voice


class RagSpeaker:
    """Questions over a company's documents: instruction, passages found, question; now and then an embedding."""

    def __init__(self, dice: Dice) -> None:
        words = bank("products")
        field = dice.pick(words.sections("doc.")).removeprefix("doc.")
        self._words = words.personal(dice, {f"doc.{field}": 6, f"q.{field}": 6})
        self._field = field
        context = words.draw(dice, "ctx")
        self._instruction = words.draw(dice, "rag.instruction", {"ctx": context})
        self._head, self._tail = words.draw(dice, "rag.head"), words.draw(dice, "rag.question")
        self._mark = dice.pick(("[{}] ", "({}) ", "Doc {}: ", "- ", "<p id={}> ", "{}. "))
        self._as_system = dice.chance(0.6)
        self._last_first = dice.chance(0.25)
        self._embeds = dice.pick((0.0, 0.0, 0.08, 0.2))
        self._temperature = dice.pick((0.0, 0.1, 0.2, None))
        self._tag = f"{field}-{dice.pick(('assistant', 'search', 'help', 'copilot'))}"

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return one filled template."""
        words, field = self._words, self._field
        question = Voice(dice).write(words.draw(dice, f"q.{field}"), dice)
        if dice.chance(self._embeds):
            return Exchange(question, "", 0, call_type="aembedding", tags=(self._tag,))
        slots = dice.some(words[f"doc.{field}"], dice.between(2, 4))
        passages = "\n".join(self._mark.format(n + 1) + words.fill(dice, text) for n, text in enumerate(slots))
        parts = [f"{self._head}\n{passages}", f"{self._tail} {question}"]
        if self._last_first:
            parts.reverse()
        if not self._as_system:
            parts.insert(0, self._instruction)
        answer = words.fill(dice, dice.pick(words[f"doc.{field}"]))
        return Exchange(
            prompt="\n\n".join(parts),
            answer=answer + dice.pick(("", " [1]", " [2]", " Anything else?")),
            output_tokens=round(dice.lognormal(110.0, 0.5)) + 5,
            system=self._instruction if self._as_system else "",
            unseen_tokens=round(dice.lognormal(1500.0, 0.4)),
            temperature=self._temperature,
            max_tokens=600,
            stream=dice.chance(0.5),
            cached=dice.chance(0.02),
            tags=(self._tag,),
        )


class SupportSpeaker:
    """A support bot: many customers, conversations of a few turns, the bot's instructions always in front."""

    def __init__(self, dice: Dice) -> None:
        words = bank("products")
        trades = [name for name in words.sections("support.") if name.split(".")[1] not in {"system", "more"}]
        self._trade = dice.pick(trades)
        self._words = words.narrowed(company=[words.draw(dice, "company")])
        self._system = self._words.draw(dice, "support.system")
        self._talks: dict[int, tuple[str, str, str]] = {}
        self._max = dice.pick((300, 400, 512))

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return a customer's message in their conversation."""
        words = self._words
        before = self._talks.get(tick.run)
        customer = before[0] if before else f"c-{dice.hex(6)}"
        section = self._trade if before is None or dice.chance(0.25) else "support.more"
        prompt = Voice(dice).write(words.draw(dice, section), dice)
        answer = words.draw(dice, section.replace("support.", "answer."))
        self._talks[tick.run] = (customer, prompt, answer)
        if len(self._talks) > 200:
            del self._talks[next(iter(self._talks))]
        return Exchange(
            prompt=prompt,
            answer=answer,
            output_tokens=round(dice.lognormal(75.0, 0.5)) + 5,
            system=self._system,
            history=(("user", before[1]), ("assistant", before[2])) if before else (),
            unseen_tokens=420 + tick.turn * 90,
            temperature=0.3,
            max_tokens=self._max,
            stream=True,
            tags=(f"support-{self._trade.split('.')[1]}",),
            end_user=customer,
        )


class BatchSpeaker:
    """A nightly batch: one order, another text each time."""

    def __init__(self, dice: Dice) -> None:
        words = bank("products")
        self._source = dice.pick(words.sections("article."))
        self._words = words
        self._order, self._mark = words.draw(dice, "batch.order"), words.draw(dice, "batch.mark")
        self._temperature = dice.pick((0.0, 0.2, 0.3))
        self._length = dice.uniform(60.0, 160.0)

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the order with the next text."""
        words = self._words
        sentences = [words.fill(dice, text) for text in dice.some(words[self._source], dice.between(3, 6))]
        return Exchange(
            prompt=f"{self._order}\n\n{self._mark}\n{' '.join(sentences)}",
            answer="- " + "\n- ".join(dice.some(sentences, 2)),
            output_tokens=round(dice.lognormal(self._length, 0.35)) + 10,
            unseen_tokens=round(dice.lognormal(900.0, 0.7)),
            temperature=self._temperature,
            max_tokens=500,
            stream=False,
            tags=("nightly",),
        )


class ExtractSpeaker:
    """Documents to fields: one schema, another document each time."""

    def __init__(self, dice: Dice) -> None:
        words = bank("products")
        kinds = [name for name in words.sections("extract.") if name.split(".")[1] not in {"order", "answer"}]
        self._kind = dice.pick(kinds)
        self._words = words
        fields = words.draw(dice, self._kind.replace("extract.", "fields."))
        self._order = words.draw(dice, "extract.order", {"fields": fields})
        self._as_system = dice.chance(0.5)
        self._json = dice.chance(0.7)

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the schema with the next document."""
        words = self._words
        slots: dict[str, str] = {}
        document = words.fill(dice, dice.pick(words[self._kind]), drawn=slots)
        return Exchange(
            prompt=document if self._as_system else f"{self._order}\n\n{document}",
            answer=words.draw(dice, self._kind.replace("extract.", "extract.answer."), slots),
            output_tokens=round(dice.lognormal(95.0, 0.3)) + 10,
            system=self._order if self._as_system else "",
            unseen_tokens=round(dice.lognormal(350.0, 0.6)),
            temperature=0.0,
            max_tokens=400,
            stream=False,
            tags=("json",) if self._json else (),
        )


class TranslateSpeaker:
    """A translator or a localisation tool: source texts of one field into a few languages."""

    def __init__(self, dice: Dice) -> None:
        words = bank("products")
        targets = dice.some(words["lang_t"], dice.between(1, 4))
        self._words = words.narrowed(field_t=dice.some(words["field_t"], 1))
        self._orders = []
        for entry in dice.some(words["translate.order"], dice.between(1, 3)):
            for target in targets:
                self._orders.append((self._words.fill(dice, entry, {"lang_t": target}), target))
        self._source = dice.pick(("source.ui", "source.prose", "source.prose"))
        self._human = dice.chance(0.5)
        self._voice = Voice(dice)

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return an order with one to three source texts."""
        words = self._words
        texts = [words.fill(dice, text) for text in dice.some(words[self._source], dice.between(1, 3))]
        order, target = dice.pick(self._orders)
        prompt = f"{order}\n\n" + "\n".join(texts)
        if self._human and tick.turn > 0 and dice.chance(0.3):
            prompt = self._voice.write(bank("chat").draw(dice, "follow"), dice, opening=False)
        return Exchange(
            prompt=prompt,
            answer=words.draw(dice, f"translated.{target}"),
            output_tokens=max(6, round(len(prompt) / 3.4 * dice.uniform(0.8, 1.3))),
            unseen_tokens=dice.below(300),
            temperature=0.3,
            stream=self._human,
        )


class ShopSpeaker:
    """A reseller's product: texts for shops, typed by its own many users (or by somebody alone: ``users`` 0)."""

    def __init__(self, dice: Dice, users: int) -> None:
        words = bank("products")
        self._words = words
        self._users = [f"u{dice.between(10000, 99999)}" for _ in range(users)]
        self._orders = [paired(entry) for entry in dice.some(words["shop.order"], 7)]
        self._system = dice.pick(("", "You write copy for small shops. No superlatives.", "Brand voice assistant."))
        self._chat = bank("chat")
        self._mixed = dice.uniform(0.05, 0.5)

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return what one of the reseller's users asks."""
        user = self._users[tick.run * 31 % len(self._users)] if self._users else None
        drawn: dict[str, str] = {}
        if dice.chance(self._mixed):
            field = dice.pick(("ask.office", "ask.writing", "ask.money", "ask.tech", "ask.law"))
            text = self._chat.fill(dice, dice.pick(self._chat[field]), drawn=drawn)
            answer = self._chat.draw(dice, "answer", {"topic": max(drawn.values(), key=len, default="this")})
        else:
            order, answers = dice.pick(self._orders)
            text = self._words.fill(dice, order, drawn=drawn)
            answer = self._words.draw(dice, answers, drawn)
        return Exchange(
            prompt=Voice(dice).write(text, dice),
            answer=answer,
            output_tokens=round(dice.lognormal(170.0, 0.6)) + 8,
            system=self._system,
            unseen_tokens=80,
            temperature=dice.pick((0.7, 0.7, 0.9)),
            stream=True,
            end_user=user,
        )


class FixtureSpeaker:
    """A firm that makes up data for its own tests and demos."""

    def __init__(self, dice: Dice) -> None:
        words = bank("products")
        narrow: dict[str, Sequence[str]] = {
            "company": [words.draw(dice, "company")],
            "fix_fields": dice.some(words["fix_fields"], 2),
            "fix_obj": dice.some(words["fix_obj"], 2),
            "fixtures.order": dice.some(words["fixtures.order"], 3),
        }
        self._words = words.narrowed(**narrow)

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return an order for made-up records."""
        return Exchange(
            prompt=self._words.draw(dice, "fixtures.order"),
            answer=self._words.draw(dice, "fixtures.answer"),
            output_tokens=round(dice.lognormal(1300.0, 0.45)),
            temperature=dice.pick((0.9, 1.0)),
            max_tokens=4096,
            stream=False,
        )
