"""Completion of commands in the shell."""

from __future__ import annotations

import click

from workbench.cli.base import cli, command


@command("completion", 'eval "$(workbench completion bash)"')
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands, options, files and playbooks."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "workbench", "_WORKBENCH_COMPLETE").source())
