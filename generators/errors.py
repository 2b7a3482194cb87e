"""GeneratorError > InvalidScore | InvalidPlan | InvalidChart | InvalidAudio | BadWeights | BadSoundFont."""


class GeneratorError(Exception):
    """The base of every error that this package raises; the message says what is wrong and how to mend it."""


class InvalidScore(GeneratorError):
    """A score breaks a rule of its own type, for example a note outside the piece."""


class InvalidPlan(GeneratorError):
    """A brief cannot be planned, for example a duration that is not a positive number."""


class InvalidChart(GeneratorError):
    """A chord chart holds a symbol that is not known, a bar of three chords, or no chords at all."""


class InvalidAudio(GeneratorError):
    """Sound is too short, at another sample rate, not stereo, or holds values that are not numbers."""


class BadWeights(GeneratorError):
    """A bundle's file is missing, has another hash than its manifest says, or does not fit its config."""


class BadSoundFont(GeneratorError):
    """A user's SoundFont cannot be read or lacks what is asked of it."""
