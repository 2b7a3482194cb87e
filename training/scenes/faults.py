"""What can be wrong with a file of scenes, said so that the line is found at once."""


class BadScene(ValueError):
    """An entry of a bank file is out of range or cannot be read; the message names file, family, line and range."""


def level(number: object, name: str, where: object, *, low: float = 0.0, high: float = 1.0) -> float:
    """A number within its range.

    Raises:
        BadScene: no number, or outside `low`..`high`.
    """
    try:
        value = float(str(number))
    except ValueError as exc:
        raise BadScene(f"{where}: {name} {number!r} is not a number; give one from {low:g} to {high:g}") from exc
    if not low <= value <= high:  # a NaN fails too
        raise BadScene(f"{where}: {name} {value:g} is out of range; give one from {low:g} to {high:g}")
    return value
