"""Digits to train on: USPS zip codes, MNIST, and synthetic ones when neither is at hand."""

from .digits import DataNotFoundError, Digits
from .mnist import mnist
from .synthetic import synthetic
from .usps import usps

__all__ = ["DataNotFoundError", "Digits", "mnist", "synthetic", "usps"]
