"""Digits to train on: USPS zip codes, MNIST, printed ones, synthetic ones when nothing else is at hand; and mail."""

from .digits import DataNotFoundError, Digits
from .mail import mail
from .mnist import mnist
from .nondigits import nondigits
from .printed import printed
from .synthetic import synthetic
from .usps import usps
from .wear import worn

__all__ = ["DataNotFoundError", "Digits", "mail", "mnist", "nondigits", "printed", "synthetic", "usps", "worn"]
