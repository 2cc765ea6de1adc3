"""Digits to train on: USPS zip codes, MNIST, printed ones, and synthetic ones when nothing else is at hand."""

from .digits import DataNotFoundError, Digits
from .mnist import mnist
from .printed import printed
from .synthetic import synthetic
from .usps import usps

__all__ = ["DataNotFoundError", "Digits", "mnist", "printed", "synthetic", "usps"]
