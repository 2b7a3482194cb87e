"""Requests made together: one call for all their notes, the same bytes as alone, and nobody fails for another."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from generators.score.score import Score
from schemas.cue_sheet import CueSection, CueSheet, CueTheme
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.composition import BundleParts, parts_from
from service.errors import BadInput
from service.outputs import Outputs
from service.parts import Ask, Voice
from service.pipeline import run, run_together, scoring
from service.progress import Silent
from tests.service.fake_parts import FakeParts


class Counting(FakeParts):
    """Remembers how many plans came in each call, and cannot write those of some seeds."""

    def __init__(self, *refused: int) -> None:
        super().__init__()
        self.calls: list[int] = []
        self.refused = refused

    def compose(self, asks: Sequence[Ask]) -> list[Score]:
        self.calls.append(len(asks))
        if any(ask.seed in self.refused for ask in asks):
            raise RuntimeError("no notes")
        return super().compose(asks)


THEMED = CueSheet(
    duration_s=8.0,
    sections=(
        CueSection(start_s=0.0, end_s=4.0, theme=CueTheme(name="hero")),
        CueSection(start_s=4.0, end_s=8.0, theme=CueTheme(name="hero", form="augmented")),
    ),
)


def asked(seed: int, *, takes: int = 1, chords: str | None = None) -> MusicRequest:
    """Three seconds for a caption."""
    caption = CaptionSource(text="calm piano")
    return MusicRequest(sources=(caption,), duration_s=3.0, seed=seed, takes=takes, chords=chords)


class Played(FakeParts):
    """Has the score engine only."""

    voice: Voice | None = None


def test_an_engine_without_weights_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    parts = Played()

    with pytest.raises(BadInput, match=r"fake 1 has no weights for the audio engine; .* train some"):
        run(asked(0).model_copy(update={"engine": "audio"}), Outputs(tmp_path / "a.wav"), parts, Silent())

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("follow", "beside", "said"), [("beats", "stems", "has no stems"), ("nothing", "midi", "no notes to write")]
)
def test_what_the_audio_engine_cannot_write_is_refused(tmp_path: Path, follow: str, beside: str, said: str) -> None:
    request = asked(0).model_copy(update={"engine": "audio", "follow": follow})
    place = tmp_path / beside
    outputs = Outputs(tmp_path / "a.wav", stems=place if beside == "stems" else None, midi=place)

    with pytest.raises(BadInput, match=said):
        run(request, outputs, FakeParts(), Silent())


def test_the_notes_of_all_requests_are_written_in_one_call(tmp_path: Path) -> None:
    parts = Counting()
    together = [scoring(asked(i), Outputs(tmp_path / f"{i}.wav"), parts, Silent()) for i in range(3)]

    made = dict(run_together(together, parts))

    assert parts.calls == [3]
    assert all(isinstance(made[i], tuple) and (tmp_path / f"{i}.wav").exists() for i in range(3))


def test_one_that_fails_leaves_the_others(tmp_path: Path) -> None:
    parts = Counting(1)
    together = [scoring(asked(i), Outputs(tmp_path / f"{i}.wav"), parts, Silent()) for i in range(3)]

    made = dict(run_together(together, parts))

    assert [isinstance(made[i], Exception) for i in range(3)] == [False, True, False]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.wav", "2.wav"]


def test_requests_with_more_takes_go_on_alone(tmp_path: Path) -> None:
    parts = Counting()
    together = [scoring(asked(9 * i, takes=1 + i), Outputs(tmp_path / f"{i}.wav"), parts, Silent()) for i in range(2)]

    made = dict(run_together(together, parts))

    assert parts.calls == [2, 1]
    assert [len(reports) for reports in made.values() if isinstance(reports, tuple)] == [1, 2]


def test_the_real_engine_writes_the_same_music_together_and_alone(tmp_path: Path) -> None:
    parts: BundleParts = parts_from(os.environ)
    requests = [asked(3), asked(4, chords="Am F"), MusicRequest(cue_sheet=THEMED, seed=3)]
    alone = []
    for request in requests:
        run(request, Outputs(tmp_path / "same.wav"), parts, Silent())
        alone.append((tmp_path / "same.wav").read_bytes())

    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    outputs = [Outputs(folder / "same.wav") for folder in folders]
    list(run_together([scoring(r, o, parts, Silent()) for r, o in zip(requests, outputs, strict=True)], parts))

    assert [(folder / "same.wav").read_bytes() for folder in folders] == alone
    assert len(set(alone)) == 3
