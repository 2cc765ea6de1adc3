"""Trained nets handed on to where they are used."""

from .page import page

__all__ = ["page"]
