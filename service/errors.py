"""ServiceError > BadInput (> BadMarkers | BadMedia) | OutputUnwritable | Incompatible: what fails around the music."""


class ServiceError(Exception):
    """The base of every error that this package raises; the message says what is wrong and how to mend it."""


class BadInput(ServiceError):
    """Something that was given cannot be used: a missing file, a broken cue sheet, a value out of range."""


class BadMedia(BadInput):
    """A file is not the kind of media that its place asks for, or is damaged."""


class BadMarkers(BadInput):
    """A list of cuts or a markers file cannot be read, or holds times that make no sense."""


class OutputUnwritable(ServiceError):
    """A place for an output does not exist, is a folder, or may not be written."""


class Incompatible(ServiceError):
    """A format cannot hold what should go into it, for example a codec that a container does not know."""
