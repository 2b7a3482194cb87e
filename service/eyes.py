"""Pictures through an open_clip model to their music, by a map fitted on sentences or by the nearest sentences."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.bridge import SAMPLE_FPS, SceneBridge, scene_sentences
from encoders.clip import OpenClipEncoder
from encoders.features import Features
from encoders.fit import TextFit, fit_clip
from encoders.fit_store import fit_key, kept
from schemas.source import ImageSource, VideoSource
from service.sight import Points, Track
from service.visual import EyesConfig, Way

if TYPE_CHECKING:
    from encoders.adapter import Adapters


@dataclass(frozen=True)
class Bundled:
    """The adapters of a bundle and the sha256 of the one for stories, by which fits to it are kept."""

    adapters: "Adapters"
    sha256: str


class OpenClipEyes:
    """An open_clip model and the way from its space to that of a bundle; each part is made when it is first wanted."""

    def __init__(self, clip: OpenClipEncoder, bundled: Bundled, *, way: Way, cache: Path) -> None:
        self._clip = clip
        self._bundled = bundled
        self._way = way
        self._cache = cache

    @classmethod
    def of(cls, config: EyesConfig, bundled: Bundled) -> "OpenClipEyes":
        """Load the model.

        Raises:
            BadEncoderWeights: it cannot be used.
        """
        return cls(OpenClipEncoder(config.clip), bundled, way=config.way, cache=config.cache)

    def track(self, source: ImageSource | VideoSource, *, seed: int) -> Track:
        """The path of pictures; a video is read again, larger and once a second."""
        from encoders.frames import read_frames

        path = Path(source.path)
        if isinstance(source, ImageSource):
            seen = self._clip.encode_image(path)
        else:
            frames = read_frames(path, sample_fps=SAMPLE_FPS, short_side=self._clip.image_size)
            seen = self._clip.encode_video(frames)
        return Track(seen.times_s, self._points(seen, seed=seed))

    def _points(self, seen: Features, *, seed: int) -> Points:
        if self._way == "fit":
            return self._fit.to_clap(seen)
        return self._bridge.describe(seen).to_clap(self._bundled.adapters, seed=seed)

    @cached_property
    def _fit(self) -> TextFit:
        sentences = scene_sentences()
        key = fit_key(checkpoint=self._clip.sha256, bundle=self._bundled.sha256, sentences=sentences)
        return kept(self._cache, key, lambda: fit_clip(self._clip, self._bundled.adapters, sentences))

    @cached_property
    def _bridge(self) -> SceneBridge:
        return SceneBridge(self._clip, scene_sentences())
