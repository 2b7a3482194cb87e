"""`tonereel repaint`, `extend` and `accompany` on the command line: what they write, say and refuse."""

from pathlib import Path

import numpy as np
import pytest

from service.media.audio_file import write_audio
from service.media.reading import read_audio
from service.media.tags import Tags
from tests.service.clips import tone
from tests.service.conftest import Tonereel


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of a tone."""
    write_audio(tmp_path / "song.wav", tone(2.0), Tags("song", 0, "x"))
    return tmp_path / "song.wav"


def test_spans_are_made_anew_and_the_rest_stays(tonereel: Tonereel, song: Path) -> None:
    words = ("--span", "0.2:0.4", "--span", "1.0:1.5", "--caption", "calm piano", "--seed", 4, "--steps", 2)

    done = tonereel("repaint", song, *words, "-o", song.with_name("out.flac"))

    assert done.exit_code == 0, done.output
    assert done.stdout == f"audio      {song.with_name('out.flac')}\n"
    assert "experimental" in done.stderr
    before, after = (read_audio(p, sample_rate=44_100).samples for p in (song, song.with_name("out.flac")))
    changed = np.flatnonzero((before != after).any(axis=0)) / 44_100
    assert 0.2 <= changed.min() < 0.21
    assert 1.49 < changed.max() <= 1.5
    assert not ((changed > 0.4) & (changed < 1.0)).any()


@pytest.mark.parametrize(
    ("words", "seconds"),
    [(("--by", "1.5"), 3.5), (("--to-length", "2.75"), 2.75), (("--from", "1.0", "--by", "0.5"), 1.5)],
)
def test_music_goes_on_for_exactly_as_long_as_asked(
    tonereel: Tonereel, song: Path, words: tuple[str, ...], seconds: float
) -> None:
    done = tonereel("extend", song, *words, "-o", song.with_name("out.wav"))

    assert done.exit_code == 0, done.output
    assert read_audio(song.with_name("out.wav"), sample_rate=44_100).samples.shape[1] == round(seconds * 44_100)


def test_a_further_part_lies_beside_the_mix_and_quiet_says_nothing(tonereel: Tonereel, song: Path) -> None:
    done = tonereel("accompany", song, "--role", "bass", "--quiet", "-o", song.with_name("mix.mp3"))

    assert (done.exit_code, done.output) == (0, "")
    assert sorted(p.name for p in song.parent.iterdir()) == ["mix-bass.wav", "mix.mp3", "song.wav"]


@pytest.mark.parametrize(
    "words",
    [
        ("repaint", "a.wav", "-o", "b.wav"),
        ("repaint", "a.wav", "--span", "4", "-o", "b.wav"),
        ("repaint", "a.wav", "--span", "4:2", "-o", "b.wav"),
        ("repaint", "a.wav", "--span", "-1:2", "-o", "b.wav"),
        ("repaint", "a.wav", "--span", "0:inf", "-o", "b.wav"),
        ("repaint", "a.wav", "--span", "1:2", "-o", "b.mp4"),
        ("extend", "a.wav", "-o", "b.wav"),
        ("extend", "a.wav", "--by", "0", "-o", "b.wav"),
        ("extend", "a.wav", "--by", "2", "--to-length", "9", "-o", "b.wav"),
        ("accompany", "a.wav", "-o", "b.wav"),
        ("accompany", "a.wav", "--role", "kazoo", "-o", "b.wav"),
    ],
)
def test_wrong_usage_exits_with_2(tonereel: Tonereel, words: tuple[str, ...]) -> None:
    assert tonereel(*words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("repaint", "SONG", "--span", "1:9"), "lies outside the sound, which ends at 2.000 s"),
        (("repaint", "SONG", "--span", "0:1", "--caption", "!"), "no words"),
        (("extend", "SONG", "--to-length", "1"), "ask for more"),
        (("extend", "missing.wav", "--by", "1"), "no such file"),
        (("accompany", "TEXT", "--role", "bass"), "is not audio or video"),
    ],
)
def test_bad_input_exits_with_3_and_says_so_in_one_line(
    tonereel: Tonereel, song: Path, words: tuple[str, ...], said: str
) -> None:
    song.with_name("text.wav").write_text("this is no sound")
    places = {"SONG": song, "TEXT": song.with_name("text.wav")}

    done = tonereel(*(places.get(word, word) for word in words), "-o", song.with_name("out.wav"))

    assert done.exit_code == 3, done.output
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not song.with_name("out.wav").exists()
