"""Nets that were trained elsewhere, brought into sn89: no other framework is needed, and nothing of a file is run."""

from .jsonfile import from_json
from .pytorch import from_pytorch

__all__ = ["from_json", "from_pytorch"]
