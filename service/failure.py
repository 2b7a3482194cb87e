"""The one table from errors to exit codes, HTTP statuses and problem types."""

from collections.abc import Mapping
from dataclasses import dataclass

from encoders.errors import BadEncoderWeights, EmptyStory, EncoderError, MediaTooLarge, NoMelody, UnreadableMedia
from generators.errors import (
    BadSoundFont,
    BadWeights,
    GeneratorError,
    InvalidAudio,
    InvalidChart,
    InvalidPlan,
    InvalidScore,
)
from service.access import errors as access
from service.api import errors as api
from service.errors import BadInput, BadMarkers, BadMedia, Incompatible, OutputUnwritable, ServiceError
from service.jobs import errors as jobs
from service.net import errors as net
from service.records.port import RecordsUnavailable, UnknownRecord
from service.store.port import NoSuchObject, StoreError, StoreUnavailable
from service.webhooks import errors as webhooks
from service.worker.errors import UploadGone

BAD_INPUT, ENGINE_FAILURE = 3, 4  # 0 is done, 2 wrong usage


@dataclass(frozen=True, slots=True)
class Failure:
    """How one kind of error shows: exit code of the command line, HTTP status, problem type and its title.

    `retryable`: the same request may pass another time.
    """

    exit_code: int
    status: int
    slug: str
    title: str
    retryable: bool = False


def _refused(status: int, slug: str, title: str) -> Failure:
    """What the asker can mend."""
    return Failure(BAD_INPUT, status, slug, title)


def _failed(slug: str, title: str) -> Failure:
    """What the asker cannot mend and waiting does not mend either."""
    return Failure(ENGINE_FAILURE, 500, slug, title)


def _passing(status: int, slug: str, title: str) -> Failure:
    """What is over after a while."""
    return Failure(ENGINE_FAILURE, status, slug, title, retryable=True)


MUSIC: Mapping[type[Exception], Failure] = {
    BadInput: _refused(422, "bad-input", "The input cannot be used"),
    BadMedia: _refused(422, "bad-media", "A file is not the media it should be"),
    BadMarkers: _refused(422, "bad-markers", "The cuts cannot be read"),
    UploadGone: _refused(422, "upload-gone", "An upload is no longer kept"),
    OutputUnwritable: Failure(BAD_INPUT, 500, "output-unwritable", "An output cannot be written"),
    Incompatible: _refused(422, "incompatible", "The output format cannot hold this"),
    UnreadableMedia: _refused(422, "unreadable-media", "A file cannot be read as media"),
    MediaTooLarge: _refused(413, "media-too-large", "A file is over a limit"),
    NoMelody: _refused(422, "no-melody", "No tune is heard in the melody"),
    EmptyStory: _refused(422, "empty-story", "A text has no words"),
    InvalidPlan: _refused(422, "invalid-plan", "The music cannot be planned"),
    InvalidChart: _refused(422, "invalid-chart", "The chords cannot be read"),
    InvalidAudio: _refused(422, "invalid-audio", "The sound cannot be used"),
    BadSoundFont: _refused(422, "bad-soundfont", "The SoundFont cannot be used"),
    ServiceError: _failed("service-error", "The service failed"),
    EncoderError: _failed("encoder-error", "An encoder failed"),
    BadEncoderWeights: _failed("bad-encoder-weights", "An encoder's weights are not usable"),
    GeneratorError: _failed("generator-error", "The generator failed"),
    InvalidScore: _failed("invalid-score", "The composer broke a rule of its score"),
    BadWeights: _failed("bad-weights", "The model bundle is not usable"),
}
REQUESTS: Mapping[type[Exception], Failure] = {
    api.ApiError: _failed("api-error", "The API failed"),
    api.MalformedBody: _refused(400, "malformed-body", "The body cannot be read"),
    api.InvalidBody: _refused(422, "invalid-request", "The request breaks a rule"),
    api.BodyTooLarge: _refused(413, "body-too-large", "The body is too large"),
    api.BodyTooSlow: _refused(408, "body-too-slow", "The body comes too slowly"),
    api.WrongMediaType: _refused(415, "unsupported-media-type", "This type of content is not taken"),
    api.DigestMismatch: _refused(422, "digest-mismatch", "The content is not what its digest says"),
    api.BadHeader: _refused(400, "bad-header", "A header cannot be understood"),
    api.NoSuchPath: _refused(404, "not-found", "There is nothing here"),
    api.WrongMethod: _refused(405, "method-not-allowed", "This method is not possible here"),
    api.NoSuchArtifact: _refused(404, "unknown-artifact", "There is no such artifact"),
    api.Gone: _refused(410, "gone", "It is no longer kept"),
    api.RangeBeyondEnd: _refused(416, "range-not-satisfiable", "The range begins beyond the end"),
    api.NotReady: _passing(503, "not-ready", "The service is not ready"),
    access.AccessError: _failed("access-error", "The gate failed"),
    access.MissingKey: _refused(401, "missing-key", "An API key is needed"),
    access.BadKey: _refused(401, "bad-key", "The API key is not valid"),
    access.MissingScope: _refused(403, "missing-scope", "The API key is not for this"),
    access.UnknownKey: _refused(404, "unknown-key", "There is no such API key"),
    access.TooManyRequests: _passing(429, "too-many-requests", "Too many requests"),
    access.LimiterUnavailable: _passing(503, "limiter-unavailable", "Nobody can be let in now"),
}
PARTS: Mapping[type[Exception], Failure] = {
    jobs.QueueError: _failed("queue-error", "The queue failed"),
    jobs.QueueFull: _passing(429, "queue-full", "Too many jobs wait"),
    jobs.QueueUnavailable: _passing(503, "queue-unavailable", "The queue does not answer"),
    jobs.UnknownJob: _refused(404, "unknown-job", "There is no such job"),
    jobs.JobOver: _refused(409, "job-over", "The job has ended"),
    jobs.JobLive: _refused(409, "job-live", "The job has not ended"),
    jobs.LostClaim: _failed("lost-claim", "The job is in other hands"),
    jobs.KeyReused: _refused(422, "key-reused", "The Idempotency-Key belongs to another request"),
    jobs.KeyInFlight: _passing(409, "key-in-flight", "The first request with this key is being answered"),
    StoreError: _failed("store-error", "The store failed"),
    StoreUnavailable: _passing(503, "store-unavailable", "The store does not answer"),
    NoSuchObject: _refused(404, "no-such-object", "The file is no longer kept"),
    UnknownRecord: _refused(404, "unknown-record", "There is no such thing"),
    RecordsUnavailable: _passing(503, "records-unavailable", "The records do not answer"),
    net.NetError: _failed("net-error", "The way out failed"),
    net.ForbiddenAddress: _refused(422, "forbidden-address", "This address is not fetched"),
    net.FetchFailed: _refused(422, "fetch-failed", "The address gave nothing"),
    webhooks.WebhookError: _failed("webhook-error", "A webhook failed"),
    webhooks.UnknownEndpoint: _refused(404, "unknown-endpoint", "There is no such webhook endpoint"),
    webhooks.UnknownDelivery: _refused(404, "unknown-delivery", "There is no such delivery"),
    webhooks.TooManyEndpoints: _refused(409, "too-many-endpoints", "There are too many webhook endpoints"),
    webhooks.SecretUnreadable: _failed("secret-unreadable", "A webhook's secret cannot be read"),
    webhooks.DeliveriesUnavailable: _passing(503, "deliveries-unavailable", "The deliveries cannot be reached"),
    webhooks.BadSignature: _refused(401, "bad-signature", "The message is not from whom it says"),
}
FAILURES: Mapping[type[Exception], Failure] = {**MUSIC, **REQUESTS, **PARTS}
UNEXPECTED = Failure(ENGINE_FAILURE, 500, "unexpected", "Something unexpected failed")


def failure_of(error: Exception) -> Failure:
    """The table's row for the nearest class of an error; `UNEXPECTED` for errors that are not ours."""
    return next((FAILURES[c] for c in type(error).__mro__ if c in FAILURES), UNEXPECTED)


def one_line(error: Exception) -> str:
    """The message of an error on one line."""
    return " ".join(str(error).split()) or type(error).__name__
