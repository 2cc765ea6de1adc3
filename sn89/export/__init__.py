"""Trained nets handed on to where they are used."""

from .onnx import onnx
from .page import page

__all__ = ["onnx", "page"]
