"""Write trained nets as C, as ONNX or as a web page."""

from .c import c
from .onnx import onnx
from .page import Page, page

__all__ = ["Page", "c", "onnx", "page"]
