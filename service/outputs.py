"""Where the results of a request go: one file that was asked for, and what else may be written beside it."""

from dataclasses import dataclass, replace
from pathlib import Path

from service.media.formats import AUDIO_SUFFIXES, VIDEO_SUFFIXES


@dataclass(frozen=True, slots=True)
class Outputs:
    """Paths of one take's results, None where something was not asked for, and what the music is called in them."""

    out: Path
    stems: Path | None = None
    midi: Path | None = None
    report: Path | None = None
    picture: Path | None = None
    cue_sheet: Path | None = None
    called: str = ""

    @property
    def title(self) -> str:
        """The music's title: after the file that was asked for, unless another one is given."""
        return self.called or self.out.stem

    @property
    def is_video(self) -> bool:
        """Whether the music goes under the pictures."""
        return self.out.suffix.lower() in VIDEO_SUFFIXES

    @property
    def is_known(self) -> bool:
        """Whether the main output's suffix names a format that can be written."""
        return self.out.suffix.lower() in VIDEO_SUFFIXES + AUDIO_SUFFIXES

    def take(self, number: int, takes: int) -> "Outputs":
        """The paths of take `number` (from 1): a number in every name, unless there is only one take."""
        if takes == 1:
            return self
        return replace(
            self,
            out=_numbered(self.out, number),
            stems=self.stems / f"take-{number}" if self.stems else None,
            midi=_numbered(self.midi, number) if self.midi else None,
            report=_numbered(self.report, number) if self.report else None,
            picture=_numbered(self.picture, number) if self.picture else None,
            cue_sheet=self.cue_sheet if number == 1 else None,  # the same for every take
            called=f"{self.called} ({number})" if self.called else "",
        )


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")
