"""Which engines there are: one row each. Another engine is another row, and a module with its connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from workbench.engines.remote import Remote
from workbench.errors import UsageError


def _chdb(url: str) -> Remote:
    from workbench.engines.chdb_engine import Chdb

    return Chdb(url)


def _clickhouse(url: str) -> Remote:
    from workbench.engines.clickhouse import ClickHouse

    return ClickHouse(url)


def _spark(url: str) -> Remote:
    from workbench.engines.spark import Spark

    return Spark(url)


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine: its name, how its URLs look, its SQL dialect (sqlglot's name), and the package that connects to it."""

    title: str
    form: str
    dialect: str
    package: str
    connect: Callable[[str], Remote]

    @property
    def scheme(self) -> str:
        """What the URL begins with."""
        return self.form.partition("[")[0].partition(":")[0]


_CLICKHOUSE, _SPARK = "'workbench-forensics[clickhouse]'", "'workbench-forensics[spark]'"
ENGINES = (
    Engine("ClickHouse", "clickhouse://HOST:PORT/DATABASE", "clickhouse", _CLICKHOUSE, _clickhouse),
    Engine("ClickHouse", "clickhouses://HOST:PORT/DATABASE", "clickhouse", _CLICKHOUSE, _clickhouse),
    Engine("ClickHouse", "chdb://", "clickhouse", "chdb", _chdb),
    Engine("Spark", "sc://HOST:PORT", "spark", _SPARK, _spark),
    Engine("Spark", "spark://HOST:PORT", "spark", _SPARK, _spark),
    Engine("Spark", "local[N]", "spark", _SPARK, _spark),
    Engine("Spark", "local-cluster[N,CORES,MEGABYTES]", "spark", _SPARK, _spark),
)
FORMS = "clickhouse://HOST:PORT/DATABASE, chdb://, sc://HOST:PORT, spark://HOST:PORT, local-cluster[N,CORES,MEGABYTES]"


def engine_of(url: str) -> Engine:
    """Return the engine of a URL. Raises UsageError for an unknown kind."""
    for engine in ENGINES:
        ends = ("[", "]") if "[" in engine.form else ("://", "")
        if url.startswith(f"{engine.scheme}{ends[0]}") and url.endswith(ends[1]):
            return engine
    raise UsageError(f"no engine is named so; one of: {FORMS}")


def check_url(url: str) -> str:
    """Return the URL of an engine. Raises UsageError for an unknown kind, and for one that holds a secret."""
    engine_of(url)
    if "[" in url:
        return url
    parts = urlsplit(url)
    if parts.username or parts.password or "@" in parts.netloc or parts.query or ";" in url or parts.fragment:
        raise UsageError(
            "user, password and options do not belong into an engine's URL, for it is kept in the case; "
            "set WORKBENCH_ENGINE_USER, WORKBENCH_ENGINE_PASSWORD or WORKBENCH_ENGINE_TOKEN, or write engines.toml"
        )
    return url


def connect(url: str) -> Remote:
    """Connect to an engine. Raises EngineError where it is away, UsageError where its package is not installed."""
    engine = engine_of(url)
    try:
        return engine.connect(url)
    except ImportError as error:
        raise UsageError(
            f"{url} wants a package that is not installed ({error.name}): pip install {engine.package}"
        ) from error
