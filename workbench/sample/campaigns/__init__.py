"""Kinds of campaigns. To add one, write a class like its neighbours and put it into ``CAMPAIGNS`` or ``MORE``."""

from __future__ import annotations

from workbench.sample.account import Kind
from workbench.sample.campaigns.hydra import Hydra
from workbench.sample.campaigns.proxy import ProxyMix
from workbench.sample.campaigns.slow import Slow
from workbench.sample.campaigns.small import SmallGroup
from workbench.sample.campaigns.takeover import Takeover

CAMPAIGNS: tuple[Kind, ...] = (Hydra(), SmallGroup())
#: Kinds that benchmarks mix in besides; not in the sample that comes with the project.
MORE: tuple[Kind, ...] = (ProxyMix(), Slow(), Takeover())
