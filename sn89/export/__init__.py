"""Trained nets handed on to where they are used."""

from .c import c
from .onnx import onnx
from .page import Page, page

__all__ = ["Page", "c", "onnx", "page"]
