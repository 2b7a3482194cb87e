"""An edit from a file to a file: what stays is bit-identical at the file's own rate, and bad input is named."""

import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from generators.errors import InvalidAudio
from generators.waveform import Waveform
from schemas.manifest import MANIFEST
from schemas.request import MusicRequest
from service.composition import BundleParts
from service.edits import Edited, edit_sound, read_music
from service.errors import BadInput, BadMedia
from service.media.audio_file import write_audio
from service.media.reading import read_audio
from service.media.tags import Tags
from service.outputs import Outputs
from service.parts import Parts, Voice
from service.progress import Silent
from tests.generators.audio.worlds import write_tiny_audio
from tests.service.clips import Clip, tone, write_clip
from tests.service.fake_parts import FakeParts
from training.manifest import manifest_of

REPAINT = {"kind": "repaint", "spans": [{"start_s": 0.5, "end_s": 0.9}, {"start_s": 1.5, "end_s": 2.0}]}
CAPTION = [{"kind": "caption", "text": "calm piano"}]


def song(folder: Path, *, rate: int = 44_100, channels: int = 2, bits: int = 24, duration_s: float = 2.0) -> Path:
    """A file with a tone and noise, all channels different."""
    noise = 0.05 * np.random.default_rng(0).standard_normal((2, round(duration_s * rate)))
    samples = (tone(duration_s, rate).samples + noise).astype(np.float32)[:channels]
    write_audio(folder / "song.wav", Waveform(samples, rate), Tags("song", 0, "x"), bits=bits)
    return folder / "song.wav"


def edited(
    sound: Path, edit: dict[str, Any], out: str = "out.wav", *, parts: Parts | None = None, **more: Any
) -> Edited:
    request = MusicRequest.model_validate({"sound": str(sound), "edit": edit, **more})
    return edit_sound(request, Outputs(sound.with_name(out)), parts or FakeParts(), Silent())


def samples_of(path: Path, rate: int = 44_100) -> np.ndarray[Any, np.dtype[np.float32]]:
    return read_audio(path, sample_rate=rate, mono_twice=True).samples


@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050])
@pytest.mark.parametrize(("channels", "bits", "out"), [(2, 24, "out.wav"), (1, 16, "out.flac")])
def test_outside_the_spans_every_sample_is_the_files_own(
    tmp_path: Path, rate: int, channels: int, bits: int, out: str
) -> None:
    sound = song(tmp_path, rate=rate, channels=channels, bits=bits)

    edited(sound, REPAINT, out)

    before, after = samples_of(sound, rate), samples_of(tmp_path / out, rate)
    inside = np.zeros(before.shape[1], bool)
    for span in REPAINT["spans"]:
        inside[int(span["start_s"] * rate) : int(np.ceil(span["end_s"] * rate))] = True  # type: ignore[index]
    assert before.shape == after.shape == (2, 2 * rate)
    assert np.array_equal(before[:, ~inside], after[:, ~inside])
    assert np.abs(before[:, inside] + after[:, inside]).mean() < 0.1 * np.abs(before[:, inside]).mean()


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize(("how", "seconds"), [({"by_s": 1.234}, 3.234), ({"length_s": 3.0}, 3.0)])
def test_an_extension_is_exactly_as_long_as_asked_and_begins_with_the_music(
    tmp_path: Path, rate: int, how: dict[str, float], seconds: float
) -> None:
    sound = song(tmp_path, rate=rate)

    edited(sound, {"kind": "extend", **how})

    after, same = samples_of(tmp_path / "out.wav", rate), 2 * rate - round(0.02 * rate)
    assert after.shape == (2, round(seconds * rate))
    assert np.array_equal(after[:, :same], samples_of(sound, rate)[:, :same])
    assert np.abs(after[:, 2 * rate :]).mean() > 0.01


def test_an_extension_from_a_place_leaves_out_what_came_after_it(tmp_path: Path) -> None:
    sound = song(tmp_path)

    edited(sound, {"kind": "extend", "from_s": 1.0, "by_s": 0.5})

    after = samples_of(tmp_path / "out.wav")
    assert after.shape == (2, round(1.5 * 44_100))
    assert np.array_equal(after[:, :43_000], samples_of(sound)[:, :43_000])


def test_a_further_part_is_written_alone_and_in_a_mix_that_does_not_clip(tmp_path: Path) -> None:
    sound = song(tmp_path, rate=48_000)

    made = edited(sound, {"kind": "accompany", "role": "bass"})

    before, mix, part = (samples_of(tmp_path / name, 48_000) for name in ("song.wav", "out.wav", "out-bass.wav"))
    gain = mix.std() / (before + part).std()
    assert [(a.kind, Path(a.path).name) for a in made.artifacts] == [("audio", "out.wav"), ("stem", "out-bass.wav")]
    assert np.allclose(gain * (before + part), mix, atol=1e-6)
    assert np.abs(mix).max() < np.abs(before + part).max()
    assert any("lowered" in remark for remark in made.remarks)


def test_new_peaks_are_brought_below_the_ceiling_and_old_ones_stay(tmp_path: Path) -> None:
    class Loud(FakeParts):
        def edited(self, music: Waveform, *args: Any, **more: Any) -> Waveform:
            return Waveform(3.0 * music.samples, music.sample_rate)

    sound = song(tmp_path)

    edited(sound, {"kind": "repaint", "spans": [{"start_s": 0.5, "end_s": 1.5}]}, parts=Loud())

    after = samples_of(tmp_path / "out.wav")
    assert 0.7 < np.abs(after[:, 23_000:65_000]).max() < 0.9
    assert np.array_equal(after[:, :22_000], samples_of(sound)[:, :22_000])


def test_what_was_only_edited_keeps_its_artist_free(tmp_path: Path) -> None:
    edited(song(tmp_path), REPAINT, "out.flac", seed=5)

    with av.open(str(tmp_path / "out.flac")) as file:
        tags = {name.lower(): value for name, value in file.metadata.items()}
    assert "artist" not in tags
    assert tags["comment"] == "Edited by Tonereel; bundle fake 1; seed 5"


def test_words_and_the_beats_of_a_cue_sheet_are_told(tmp_path: Path) -> None:
    told = []

    class Told(FakeParts):
        def edited(self, music: Waveform, *args: Any, **more: Any) -> Waveform:
            told.append(args[0])
            return super().edited(music, *args, **more)

    sheet = {"duration_s": 2.0, "tempo_bpm": 120.0, "key": "C major", "style": "folk"}
    edited(song(tmp_path), REPAINT, parts=Told())
    edited(song(tmp_path), REPAINT, parts=Told(), sources=CAPTION, cue_sheet=sheet)

    alone, both = told
    assert (alone.points.shape, alone.plan) == ((1, 4), None)
    assert both.points.shape == (2, 4)
    assert both.plan.duration_s == 2.0


@pytest.mark.parametrize(
    ("edit", "more", "said"),
    [
        ({"kind": "repaint", "spans": [{"start_s": 1.0, "end_s": 2.1}]}, {}, "1 to 2.1 s lies outside the sound"),
        ({"kind": "extend", "length_s": 2.0}, {}, "ask for more"),
        ({"kind": "extend", "by_s": 599.0}, {}, "too long to edit"),
        ({"kind": "extend", "from_s": 2.5, "by_s": 1.0}, {}, "beyond the end of the sound at 2.000 s"),
        (REPAINT, {"cue_sheet": {"duration_s": 9.0}}, "cue sheet is for 9 s, the sound lasts 2.000 s"),
    ],
)
def test_what_does_not_fit_the_sound_is_refused_and_nothing_is_written(
    tmp_path: Path, edit: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    sound = song(tmp_path)

    with pytest.raises(BadInput, match=said):
        edited(sound, edit, **more)
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]


@pytest.mark.parametrize(
    ("voice", "out", "said"),
    [
        (None, "out.wav", "no weights for the audio engine"),
        (Voice(("nothing",), loops=False, remark=""), "out.wav", "published model .* cannot edit"),
        (FakeParts.voice, "out.mp4", "an edit writes sound"),
    ],
)
def test_an_engine_that_cannot_edit_and_an_output_for_pictures_are_refused(
    tmp_path: Path, voice: Voice | None, out: str, said: str
) -> None:
    parts = FakeParts()
    parts.voice = voice

    with pytest.raises(BadInput, match=said):
        edited(song(tmp_path), REPAINT, out, parts=parts)


def test_sound_at_a_strange_rate_too_long_or_without_sound_is_refused(tmp_path: Path, video: Path) -> None:
    low, long, mute = (tmp_path / name for name in ("low.wav", "long.wav", "mute.mp4"))
    write_audio(low, tone(2.0, 4_000), Tags("x", 0, "x"))
    write_audio(long, Waveform(np.zeros((1, 601 * 8_000), np.float32), 8_000), Tags("x", 0, "x"), bits=16)
    write_clip(mute, Clip(duration_s=0.5, cuts_s=()))

    for path, kind, said in ((low, BadInput, "4000 samples"), (long, BadInput, "longer"), (mute, BadMedia, "no sound")):
        with pytest.raises(kind, match=said):
            read_music(path)
    assert read_music(video)[0].samples.shape[0] == 2


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleParts:
    """The shipped bundle with a tiny audio engine."""
    folder = tmp_path_factory.mktemp("bundle") / "with-audio"
    shutil.copytree("weights/tonereel-mini", folder, ignore=shutil.ignore_patterns("audio"))
    write_tiny_audio(folder / "audio", dim=128)
    (folder / MANIFEST).write_text(manifest_of(folder, version="1", metrics={}).model_dump_json())
    return BundleParts(folder)


def test_a_bundle_edits_and_the_same_request_gives_the_same_bytes(bundle: BundleParts, tmp_path: Path) -> None:
    sound, made = song(tmp_path, rate=48_000, duration_s=1.0), []

    for seed in (1, 1, 2):
        done = edited(sound, {"kind": "extend", "by_s": 0.5}, parts=bundle, seed=seed, steps=1, sources=CAPTION)
        made.append((tmp_path / "out.wav").read_bytes())

    assert made[0] == made[1] != made[2]
    assert any("experimental" in remark for remark in done.remarks)
    assert samples_of(tmp_path / "out.wav", 48_000).shape[1] == 72_000


def test_without_words_a_bundle_makes_what_is_like_the_music_itself(bundle: BundleParts, tmp_path: Path) -> None:
    sound, made = song(tmp_path, duration_s=1.0), []

    for sources in ((), CAPTION):
        edited(sound, {"kind": "accompany", "role": "drums"}, parts=bundle, steps=1, sources=sources)
        made.append(samples_of(tmp_path / "out-drums.wav"))

    assert made[0].any()
    assert not np.allclose(made[0], made[1], atol=1e-4)


def test_sound_that_is_too_short_for_the_engine_is_refused(bundle: BundleParts, tmp_path: Path) -> None:
    with pytest.raises(InvalidAudio, match="too short"):
        edited(song(tmp_path, duration_s=0.2), {"kind": "accompany", "role": "bass"}, parts=bundle)
