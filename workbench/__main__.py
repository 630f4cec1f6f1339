"""The ``workbench`` command: the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit: 0 done, 1 it could not be done, 2 wrong usage, 130 interrupted."""
    import click

    from workbench.cli import cli
    from workbench.crash import internal
    from workbench.errors import WorkbenchError
    from workbench.safetext import safe

    try:
        code = cli.main(prog_name="workbench", standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.UsageError as error:
        asked = error.ctx.command_path if error.ctx else "workbench"
        sys.stderr.write(f"workbench: {safe(error.format_message().rstrip('.'))} ({asked} --help says more)\n")
        code = error.exit_code
    except click.ClickException as error:
        sys.stderr.write(f"workbench: {safe(error.format_message())}\n")
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("workbench: interrupted\n")
        code = 130
    except WorkbenchError as error:
        sys.stderr.write(f"workbench: {safe(str(error))}\n")
        code = error.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough; say nothing, and let nothing be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        fault = internal(error)
        sys.stderr.write(f"workbench: {safe(str(fault))}\n")
        code = fault.exit_code
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
