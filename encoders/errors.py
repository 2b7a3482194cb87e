"""EncoderError > UnreadableMedia (> MediaTooLarge), NoMelody, EmptyStory, BadEncoderWeights: what can go wrong here."""


class EncoderError(Exception):
    """The base of every error that this package raises; the message says what is wrong and how to mend it."""


class UnreadableMedia(EncoderError):
    """A file is not media of the kind asked for, is damaged, or has no picture."""


class MediaTooLarge(UnreadableMedia):
    """A file is over a limit: pixels, seconds, frames, bytes, memory or time."""


class NoMelody(EncoderError):
    """A recording holds no tune: it is silent, noise, speech, or more than one note sounds at once."""


class EmptyStory(EncoderError):
    """A story or caption has no words in it."""


class BadEncoderWeights(EncoderError):
    """An encoder's checkpoint is missing, has another hash than its manifest says, or does not fit its config."""
