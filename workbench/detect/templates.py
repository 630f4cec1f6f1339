"""What is asked: templates found from the prompts themselves, and which entity fills which.

A prompt is cut into overlapping runs of three words. Among its runs, the one that occurs in most prompts of the case is
its *anchor*: prompts from one template have the same one, since the fixed words of a template occur together, and the
words filled in do not. What share of a prompt's runs is about as frequent as its anchor says how much of it is fixed.
Shingling is after Broder, On the resemblance and containment of documents (1997).

Tables made: ``prompted`` and ``asked`` (sampled different prompts), ``filled`` (prompt, template), ``template``,
``use`` (entity, template, share of the entity's different prompts).
"""

from __future__ import annotations

from workbench.detect.tables import Make, Run

#: Only so much of a prompt is read: its beginning, where an order usually stands, and its end.
HEAD, TAIL, WORDS = 400, 120, 64
#: A run this often, compared with the anchor, belongs to the fixed words.
FIXED = 0.3
#: Fixed words make a template from this share of a prompt on, and from so many runs on (a run more is a word more).
TEMPLATE_SHARE, TEMPLATE_RUNS = 0.2, 4
#: Different prompts among a template's prompts: below, it is a benchmark or a stock phrase said again.
NOVELTY = 0.6

#: Scripts without blanks between words give one "word" a letter.
WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}]+"

#: What campaigns are known to ask for (the model's reasoning, grades, questions and answers, tool use): a small part of
#: the evidence, since pupils, evaluators and programmers ask for the same.
ELICITING = (
    r"step[ -]by[ -]step|chain[ -]of[ -]thought|(show|explain|write|give) (me )?(all |out )?(your|the|each|every) "
    r"(full |complete |whole )?(work|reasoning|steps?|thinking|derivation)|"
    r"reason(ing)? (carefully|trace|aloud|first|through)|"
    r"before (you )?(giving|give|state|stating|answer)|intermediate (steps|results)|rubric|on a scale (of|from)|"
    r"score (each|the|from|it)|grade (the|each|this)|which (of the )?(two |)(answers?|responses?) is better|"
    r"(write|generate|create|invent|produce) (\d+|[a-z]+) (new |different |diverse |original )*"
    r"(questions?|problems?|examples?|tasks?|instructions?|pairs|samples|dialogues?)|training data|"
    r"you have access to (these|the following) tools"
)


def make_texts(run: Run, read: Make, sample: int) -> None:
    """Make the tables from prompts of ``act``; ``sample`` prompts an entity at most are read (about).

    A prompt is known by its MD5, which is the same in every engine: further on, prompts are drawn in its order.
    """
    read(
        "prompted", f"""
SELECT act.id AS id, md5(prompt) AS digest, any_value(left(prompt, {HEAD})) AS head,
    any_value(right(prompt, {TAIL})) AS tail, any_value(length(prompt)) AS letters, count(*) AS n
FROM act JOIN (SELECT id, prompts FROM about) AS of ON of.id = act.id
WHERE length(prompt) >= 12 AND (prompts <= {sample} OR spot % 65536 < 65536 * {sample} // prompts)
GROUP BY act.id, md5(prompt)""",
    )  # fmt: skip
    run("CREATE TEMP VIEW asked AS SELECT id, hash(digest) AS h, head, tail, letters, n FROM prompted")
    run(f"""
CREATE TEMP TABLE cut AS
SELECT id, h, list_distinct(list_transform(
    range(1, len(words) - 1), lambda i: hash(words[i], words[i + 1], words[i + 2]))) AS runs
FROM (SELECT id, h, regexp_extract_all(lower(head || CASE WHEN letters > {HEAD} THEN ' ' || tail ELSE '' END),
    '{WORD}')[:{WORDS}] AS words FROM asked)""")
    run("CREATE TEMP TABLE piece AS SELECT id, h, unnest(runs) AS run, len(runs) AS of FROM cut")
    run("CREATE TEMP TABLE common AS SELECT run, count(*) AS c FROM piece GROUP BY run HAVING c >= 3")
    run("CREATE TEMP TABLE known AS SELECT id, h, of, run, c FROM piece JOIN common USING (run)")
    run(f"""
CREATE TEMP TABLE filled AS
SELECT id, h, anchor AS template, any_value(of) AS runs, any_value(top) AS top,
    count(*) FILTER (c >= {FIXED} * top) AS fixed
FROM known JOIN (SELECT id, h, max(c) AS top, arg_max(run, (c, run)) AS anchor FROM known GROUP BY id, h) USING (id, h)
GROUP BY id, h, anchor""")
    run(f"""
CREATE TEMP TABLE template AS
SELECT template, count(*) AS prompts, count(DISTINCT h) AS different, count(DISTINCT id) AS users,
    avg(fixed) AS fixed_runs, avg(fixed / runs) AS fixed_share,
    different >= {NOVELTY} * prompts AND fixed_runs >= {TEMPLATE_RUNS} AND fixed_share >= {TEMPLATE_SHARE} AS fills
FROM filled GROUP BY template""")
    run("""
CREATE TEMP TABLE use AS
SELECT id, template, count(*) AS n, count(*) / any_value(of) AS share
FROM filled JOIN (SELECT id, count(*) AS of FROM asked GROUP BY id) USING (id) GROUP BY ALL""")
    run(f"""
CREATE TEMP TABLE slot AS
SELECT id, template, run, count(*) AS n FROM known JOIN filled USING (id, h) JOIN template USING (template)
WHERE fills AND c < {FIXED} * top GROUP BY ALL""")
    run(
        "CREATE TEMP TABLE filler AS SELECT id, template, count(*) AS n FROM filled JOIN template USING (template) "
        "WHERE fills GROUP BY ALL"
    )
    run(f"""
CREATE TEMP TABLE wording AS
SELECT id, count(*) AS read_prompts, sum(n)::BIGINT AS read_requests,
    avg(regexp_matches(lower(head), '{ELICITING}')::INTEGER) AS eliciting
FROM asked GROUP BY id""")


def no_texts(run: Run) -> None:
    """Make the tables empty, for a case without prompts."""
    run(
        "CREATE TEMP TABLE template (template UBIGINT, prompts BIGINT, different BIGINT, users BIGINT, "
        "fixed_runs DOUBLE, fixed_share DOUBLE, fills BOOLEAN)"
    )
    run("CREATE TEMP TABLE use (id VARCHAR, template UBIGINT, n BIGINT, share DOUBLE)")
    run("CREATE TEMP TABLE wording (id VARCHAR, read_prompts BIGINT, read_requests BIGINT, eliciting DOUBLE)")
    run("CREATE TEMP TABLE slot (id VARCHAR, template UBIGINT, run UBIGINT, n BIGINT)")
    run("CREATE TEMP TABLE filler (id VARCHAR, template UBIGINT, n BIGINT)")
    run("CREATE TEMP TABLE asked (id VARCHAR, h UBIGINT, head VARCHAR)")
    run("CREATE TEMP TABLE filled (id VARCHAR, h UBIGINT, template UBIGINT)")
