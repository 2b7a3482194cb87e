"""Hypothesis on machines of every speed: no example has a deadline, and slow drawing is no fault."""

from hypothesis import HealthCheck, settings

settings.register_profile("tonereel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tonereel")
