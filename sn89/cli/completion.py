"""``sn89 completion``: print a script with which a shell completes the command."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .options import OneOf, verb


@verb()
@click.argument("shell", metavar="bash|zsh|fish", type=OneOf(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script with which a shell completes verbs and options.

    sn89 completion bash > ~/.local/share/bash-completion/completions/sn89
    sn89 completion zsh > ~/.zfunc/_sn89        (a folder of $fpath)
    sn89 completion fish > ~/.config/fish/completions/sn89.fish
    """
    made = get_completion_class(shell)
    click.echo(made(ctx.find_root().command, {}, "sn89", "_SN89_COMPLETE").source())  # type: ignore[misc]
