"""`tasktui completion`: what a shell needs to complete commands, options and task ids."""

from __future__ import annotations

from typing import Final

import click

_HOW: Final = {
    "bash": 'eval "$(tasktui completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(tasktui completion zsh)"    # in ~/.zshrc, after compinit',
    "fish": "tasktui completion fish | source    # in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(_HOW.values()))
@click.argument("shell", type=click.Choice(list(_HOW)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a completion script, to be read when a shell starts."""
    from click.shell_completion import get_completion_class

    from tasktui.cli.main import COMPLETE

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click does not know this shell: {shell}")
    script = kind(ctx.find_root().command, {}, "tasktui", COMPLETE)
    # its `source` would run the shell to ask for its version
    click.echo(script.source_template % script.source_vars())
