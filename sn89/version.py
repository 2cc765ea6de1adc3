"""The version of sn89, said once."""

__version__ = "0.1.0"
