"""``python -m sn89`` is the command ``sn89``."""

from .cli import main

if __name__ == "__main__":
    main()
