"""Settings of the service, read from the environment once; the table in the documentation is made from them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from service.errors import BadInput

PREFIX = "TONEREEL_"
GIB, MIB = 1 << 30, 1 << 20


class EnvironmentSettings(BaseModel):
    """Every setting `name` is the environment variable TONEREEL_NAME."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read every setting that the environment names.

        Raises:
            BadInput: an unknown TONEREEL_ name is left alone, but a value that does not fit is refused.
        """
        names = {name: PREFIX + name.upper() for name in cls.model_fields}
        try:
            return cls.model_validate({name: environment[key] for name, key in names.items() if key in environment})
        except ValidationError as exc:
            first = exc.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise BadInput(f"{name}: {first['msg']}; change or unset it") from exc


class PictureSettings(EnvironmentSettings):
    """Which eyes look at pictures, in every command that makes music."""

    open_clip_model: str | None = Field(
        default=None, description="One of open_clip's model names, or a config .json; without it the bundle's own eyes."
    )
    open_clip_checkpoint: str | None = Field(default=None, description="The model's weights, a safetensors file.")
    open_clip_sha256: str | None = Field(default=None, description="What the weights' sha256 must be, if wanted.")
    open_clip_way: Literal["fit", "bridge"] = Field(
        default="fit",
        description="From open_clip to music: a map fitted on sentences, or the sentences nearest to each picture.",
    )
    cache_dir: Path | None = Field(
        default=None, description="Where fits are kept; by default tonereel in $XDG_CACHE_HOME or ~/.cache."
    )


class ModelSettings(EnvironmentSettings):
    """Where models beside the bundle come from and where they are kept."""

    mirror: str | None = Field(
        default=None, description="Folder or http(s) address of models for `tonereel models pull`; none is built in."
    )
    models_dir: Path | None = Field(
        default=None, description="Where pulled models are kept; by default tonereel/models in the user's data folder."
    )
    audio_model: Path | None = Field(
        default=None,
        description="Folder of the audio engine: MusicLDM or AudioLDM 2 in the diffusers layout, or your own weights.",
    )


class Settings(PictureSettings, ModelSettings):
    """All settings of the service; REDIS_URL is read as well."""

    data_dir: Path = Field(
        default=Path("tonereel-data"), description="Where the local store and the embedded Redis live."
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Redis or Valkey; without it one is started in data_dir."
    )
    store_url: str | None = Field(
        default=None, description="s3://bucket/prefix for artifacts; without it a folder in data_dir."
    )
    s3_endpoint: str | None = Field(default=None, description="Address of an S3-compatible server other than Amazon's.")
    queue_name: str = Field(
        default="tonereel", description="Prefix of all Redis keys; share a Redis by giving each its own."
    )
    host: str = Field(default="127.0.0.1", description="Address that the API listens on.")
    port: int = Field(default=3000, ge=0, le=65535, description="Port that the API listens on.")
    workers: int = Field(default=1, ge=0, le=64, description="Worker processes that `tonereel serve` starts.")
    auth: bool | None = Field(default=None, description="Ask for API keys; by default unless bound to loopback.")
    signing_key: SecretStr | None = Field(
        default=None, description="Encrypts webhook secrets at rest and signs cursors."
    )
    egress_proxy: SecretStr | None = Field(
        default=None, description="HTTP proxy that checks addresses itself; files by URL and webhooks go through it."
    )

    max_outstanding: int = Field(
        default=1_000, ge=1, description="Jobs waiting or running, of everyone; more are refused."
    )
    max_outstanding_per_key: int = Field(default=1_000, ge=1, description="The same for one API key.")
    max_upload_bytes: int = Field(default=1 * GIB, ge=1, description="Largest upload.")
    max_json_bytes: int = Field(default=1 * MIB, ge=1, description="Largest JSON body or JSON part.")
    requests_per_s: float = Field(
        default=50.0, gt=0, description="Requests per second of one API key, in the long run."
    )
    request_burst: int = Field(default=200, ge=1, description="Requests that one API key may send at once.")
    idle_upload_s: float = Field(default=30.0, gt=0, description="An upload that sends nothing for so long is cut off.")

    lock_s: float = Field(default=30.0, ge=1, description="A worker that is silent for so long loses its job.")
    stalled_check_s: float = Field(default=5.0, ge=0.1, description="How often lost jobs are looked for.")
    max_stalls: int = Field(default=2, ge=0, description="How often a job may lose its worker before it fails.")
    attempts: int = Field(default=3, ge=1, description="How often a job is tried when something fails that may pass.")
    backoff_s: float = Field(default=2.0, ge=0, description="Wait before the second try; doubled for each further one.")
    job_timeout_s: float = Field(default=900.0, gt=0, description="Wall clock of one job; then its process is killed.")
    cancel_grace_s: float = Field(default=2.0, ge=0, description="A cancelled job that goes on for so long is killed.")
    drain_s: float = Field(default=25.0, ge=0, description="After SIGTERM a running job may go on for so long.")
    batch_jobs: int = Field(default=4, ge=1, le=64, description="Compatible jobs that one worker takes at once.")

    job_ttl_s: int = Field(
        default=72 * 3600, ge=60, description="Finished jobs and their artifacts are kept for so long."
    )
    upload_ttl_s: int = Field(default=24 * 3600, ge=60, description="Uploads are kept for so long.")
    idempotency_ttl_s: int = Field(
        default=24 * 3600, ge=60, description="An Idempotency-Key is remembered for so long."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="Lines of JSON or of text; auto: text on a terminal, JSON elsewhere."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Workers serve their metrics here, the n-th of one machine n - 1 ports higher.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="OpenTelemetry collector (OTLP over HTTP) that spans are sent to.",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read every setting that the environment names; raises as `EnvironmentSettings`."""
        url = {PREFIX + "REDIS_URL": environment["REDIS_URL"]} if "REDIS_URL" in environment else {}
        return super().from_environment({**url, **environment})

    @property
    def asks_for_keys(self) -> bool:
        """Whether requests need an API key."""
        return self.auth if self.auth is not None else self.host not in {"127.0.0.1", "::1", "localhost"}
