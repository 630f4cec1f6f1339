"""Kinds of campaigns. To add one, write a class like its neighbours and put it into ``CAMPAIGNS``."""

from __future__ import annotations

from workbench.sample.account import Kind
from workbench.sample.campaigns.hydra import Hydra
from workbench.sample.campaigns.small import SmallGroup

CAMPAIGNS: tuple[Kind, ...] = (Hydra(), SmallGroup())
