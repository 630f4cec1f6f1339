"""Kinds of honest people. To add one, write a class like its neighbours and put it into ``HONEST``."""

from __future__ import annotations

from workbench.sample.account import Kind
from workbench.sample.people.groups import Class, Company, Reseller
from workbench.sample.people.humans import Casual, Developer, Student, Translator
from workbench.sample.people.machines import Batch, Ci, Evaluation, Extraction, Fixtures, LoadTest, Rag, Support

HONEST: tuple[Kind, ...] = (
    Casual(),
    Developer(),
    Company(),
    Class(),
    Student(),
    Translator(),
    Rag(),
    Support(),
    Batch(),
    Evaluation(),
    Ci(),
    Extraction(),
    Reseller(),
    LoadTest(),
    Fixtures(),
)
