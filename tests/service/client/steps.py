"""Plays steps without a network: a script of answers in, the effects out."""

from collections.abc import Iterable
from typing import TypeVar

from service.client.effects import Done, Dropped, Effect, Reply, Sleep, Steps, Work, begin, go_on

T = TypeVar("T")


def play(steps: Steps[T], answers: Iterable[Reply | Dropped]) -> tuple[T, list[Effect]]:
    """What the steps come to, and every effect that they asked for; sleeping and working need no answer."""
    left, effects = iter(answers), list[Effect]()
    at = begin(steps)
    while not isinstance(at, Done):
        effects.append(at)
        if isinstance(at, Work):
            at.do()
        at = go_on(steps, Reply() if isinstance(at, Sleep | Work) else next(left))
    return at.value, effects


def slept(effects: Iterable[Effect]) -> list[float]:
    """How long each sleep is."""
    return [e.seconds for e in effects if isinstance(e, Sleep)]
