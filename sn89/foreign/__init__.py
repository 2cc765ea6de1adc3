"""Read nets that were trained elsewhere. No other framework is needed, and nothing in a file is run."""

from .jsonfile import from_json
from .pytorch import from_pytorch

__all__ = ["from_json", "from_pytorch"]
