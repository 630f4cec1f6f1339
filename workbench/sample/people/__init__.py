"""Kinds of honest people. To add one, write a class like its neighbours and put it into ``HONEST`` or ``MORE``."""

from __future__ import annotations

from workbench.sample.account import Kind
from workbench.sample.people.groups import Class, Company, Reseller
from workbench.sample.people.humans import Casual, Developer, Student, Translator
from workbench.sample.people.machines import Batch, Ci, Evaluation, Extraction, Fixtures, LoadTest, Rag, Support
from workbench.sample.people.others import Agency, Hackathon, Lab, Teacher, ToolUser, VpnUser
from workbench.sample.people.scattered import Course, Franchise

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

#: Kinds that benchmarks mix in besides; not in the sample that comes with the project.
MORE: tuple[Kind, ...] = (Teacher(), ToolUser(), Agency(), Lab(), Hackathon(), VpnUser(), Franchise(), Course())
