"""Digits to train on: USPS zip codes, MNIST, printed and synthetic digits, digits from files; and pictures of mail."""

from .digits import DataNotFoundError, Digits
from .loading import load
from .mail import mail
from .mnist import mnist
from .nondigits import nondigits
from .printed import printed
from .synthetic import synthetic
from .usps import usps
from .wear import worn

__all__ = ["DataNotFoundError", "Digits", "load", "mail", "mnist", "nondigits", "printed", "synthetic", "usps", "worn"]
