"""The one table from errors to exit codes, HTTP statuses and problem types."""

from collections.abc import Mapping
from dataclasses import dataclass

from encoders.errors import BadEncoderWeights, EmptyStory, EncoderError, MediaTooLarge, UnreadableMedia
from generators.errors import BadSoundFont, BadWeights, GeneratorError, InvalidPlan, InvalidScore
from service.errors import BadInput, BadMarkers, BadMedia, Incompatible, OutputUnwritable, ServiceError

BAD_INPUT, ENGINE_FAILURE = 3, 4  # 0 is done, 2 wrong usage


@dataclass(frozen=True, slots=True)
class Failure:
    """How one kind of error shows: exit code of the command line, HTTP status, problem type and its title."""

    exit_code: int
    status: int
    slug: str
    title: str


FAILURES: Mapping[type[Exception], Failure] = {
    BadInput: Failure(BAD_INPUT, 422, "bad-input", "The input cannot be used"),
    BadMedia: Failure(BAD_INPUT, 422, "bad-media", "A file is not the media it should be"),
    BadMarkers: Failure(BAD_INPUT, 422, "bad-markers", "The cuts cannot be read"),
    OutputUnwritable: Failure(BAD_INPUT, 500, "output-unwritable", "An output cannot be written"),
    Incompatible: Failure(BAD_INPUT, 422, "incompatible", "The output format cannot hold this"),
    UnreadableMedia: Failure(BAD_INPUT, 422, "unreadable-media", "A file cannot be read as media"),
    MediaTooLarge: Failure(BAD_INPUT, 413, "media-too-large", "A file is over a limit"),
    EmptyStory: Failure(BAD_INPUT, 422, "empty-story", "A text has no words"),
    InvalidPlan: Failure(BAD_INPUT, 422, "invalid-plan", "The music cannot be planned"),
    BadSoundFont: Failure(BAD_INPUT, 422, "bad-soundfont", "The SoundFont cannot be used"),
    ServiceError: Failure(ENGINE_FAILURE, 500, "service-error", "The service failed"),
    EncoderError: Failure(ENGINE_FAILURE, 500, "encoder-error", "An encoder failed"),
    BadEncoderWeights: Failure(ENGINE_FAILURE, 500, "bad-encoder-weights", "An encoder's weights are not usable"),
    GeneratorError: Failure(ENGINE_FAILURE, 500, "generator-error", "The generator failed"),
    InvalidScore: Failure(ENGINE_FAILURE, 500, "invalid-score", "The composer broke a rule of its score"),
    BadWeights: Failure(ENGINE_FAILURE, 500, "bad-weights", "The model bundle is not usable"),
}
UNEXPECTED = Failure(ENGINE_FAILURE, 500, "unexpected", "Something unexpected failed")


def failure_of(error: Exception) -> Failure:
    """The table's row for the nearest class of an error; `UNEXPECTED` for errors that are not ours."""
    return next((FAILURES[c] for c in type(error).__mro__ if c in FAILURES), UNEXPECTED)


def one_line(error: Exception) -> str:
    """The message of an error on one line."""
    return " ".join(str(error).split()) or type(error).__name__
