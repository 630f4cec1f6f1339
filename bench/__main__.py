"""Run one benchmark: ``python -m bench NAME [OPTIONS]``; without a name, say which there are."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Find the module of that name; it has ``main(arguments)``."""
    names = sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]))
    known = [name for name in names if "_" not in name and name != "report"]
    if not arguments or arguments[0] not in known:
        print(f"usage: ./run bench {'|'.join(known)} [OPTIONS]; each says its own with --help", file=sys.stderr)
        return 2
    done: object = importlib.import_module(f"bench.{arguments[0]}").main(arguments[1:])
    return done if isinstance(done, int) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
