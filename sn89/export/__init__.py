"""Trained nets handed on to where they are used."""

from .c import c
from .onnx import onnx
from .page import page

__all__ = ["c", "onnx", "page"]
