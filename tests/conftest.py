"""For all tests: none fails because a machine is slow."""

from hypothesis import settings

settings.register_profile("sn89", deadline=None)
settings.load_profile("sn89")
