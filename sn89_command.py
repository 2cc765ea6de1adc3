"""The program ``sn89``. It catches Ctrl-C before it imports the package, which takes some tenths of a second."""


def main() -> None:
    """Run the command line; after Ctrl-C leave with exit code 130 and no traceback."""
    try:
        from sn89.cli import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
