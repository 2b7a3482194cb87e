"""Notes out of recordings whose notes are known, and recordings that hold none."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.hummed import CLEAN, HUM, WHISTLE, Sung, Voice, loosened, sing
from encoders.errors import NoMelody
from encoders.pitch import SAMPLE_RATE, PitchTrack, track_pitch
from encoders.singing import HeardNote, heard_notes, tuning_of

SCALE = (60, 62, 64, 65, 67, 67, 69, 72, 60)


def line(pitches: tuple[int, ...] = SCALE, *, beat_s: float = 0.3) -> list[Sung]:
    return [Sung(0.2 + beat_s * i, 0.2 + beat_s * (i + 1), p) for i, p in enumerate(pitches)]


def heard(notes: list[Sung], voice: Voice, *, seed: int = 0) -> tuple[HeardNote, ...]:
    return heard_notes(track_pitch(sing(notes, voice, sample_rate=SAMPLE_RATE, seed=seed)))


@pytest.mark.parametrize(("voice", "octave"), [(CLEAN, 0), (HUM, -12), (HUM, 0), (WHISTLE, 24)])
def test_every_note_is_heard_at_its_time_and_pitch(voice: Voice, octave: int) -> None:
    meant = [replace(n, pitch=n.pitch + octave) for n in line()]

    found = heard(meant, voice)

    assert [n.pitch for n in found] == [n.pitch for n in meant]
    assert np.abs([f.onset_s - n.onset_s for f, n in zip(found, meant, strict=True)]).max() < 0.05


def test_notes_are_in_order_and_never_two_at_once() -> None:
    found = heard(list(loosened(line(), HUM, np.random.default_rng(2))), HUM)

    assert all(a.end_s <= b.onset_s + 1e-9 for a, b in pairwise(found))
    assert all(n.end_s - n.onset_s >= 0.07 for n in found)


def test_a_rest_is_between_two_notes() -> None:
    meant = [Sung(0.2, 0.6, 60), Sung(1.0, 1.4, 60), Sung(1.4, 1.8, 64)]

    found = heard(meant, CLEAN)

    assert found[0].end_s == pytest.approx(0.6, abs=0.06)
    assert found[1].onset_s == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("cents", [-40, -15, 0, 25, 45])
def test_the_singers_own_tuning_is_taken_out(cents: int) -> None:
    sung = [replace(n, pitch=n.pitch + cents / 100) for n in line()]
    track = track_pitch(sing(sung, CLEAN, sample_rate=SAMPLE_RATE, seed=0))

    assert tuning_of(track.pitch) == pytest.approx(cents / 100, abs=0.03)
    assert [n.pitch for n in heard_notes(track)] == list(SCALE)


def test_the_louder_note_has_the_higher_level() -> None:
    soft = sing(line(), CLEAN, sample_rate=SAMPLE_RATE, seed=0)
    loud = soft.copy()
    loud[: SAMPLE_RATE // 2] *= 0.25

    levels = [n.level_db for n in heard_notes(track_pitch(loud))]

    assert levels[0] < levels[4] - 6.0


def track_of(pitches: list[float], *, frames: int = 30) -> PitchTrack:
    """Held notes, one after the other, without anything else."""
    pitch = np.repeat(np.array(pitches, np.float64), frames)
    return PitchTrack(np.arange(len(pitch)) / 100, pitch, np.full(len(pitch), -15.0))


def test_a_lone_leap_of_an_octave_is_the_trackers_mistake() -> None:
    assert [n.pitch for n in heard_notes(track_of([60, 62, 76, 65, 64]))] == [60, 62, 64, 65, 64]
    assert [n.pitch for n in heard_notes(track_of([60, 62, 52, 65, 64]))] == [60, 62, 64, 65, 64]


def test_a_tune_that_goes_an_octave_up_and_stays_there_keeps_it() -> None:
    assert [n.pitch for n in heard_notes(track_of([60, 72, 74, 76, 64]))] == [60, 72, 74, 76, 64]


def test_vibrato_of_a_quarter_tone_is_one_note() -> None:
    track = track_of([60, 64, 67], frames=80)
    shaken = replace(track, pitch=track.pitch + 0.45 * np.sin(2 * np.pi * 5.5 * track.times_s))

    assert [n.pitch for n in heard_notes(shaken)] == [60, 64, 67]


def silence() -> NDArray[np.float32]:
    return np.zeros(2 * SAMPLE_RATE, np.float32)


def noise() -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(0).standard_normal(2 * SAMPLE_RATE)).astype(np.float32)


def speech() -> NDArray[np.float32]:
    """Syllables of 120 to 250 ms that rise and fall by several semitones, with hisses between."""
    rng = np.random.default_rng(4)
    out = []
    for _ in range(16):
        length = int(rng.uniform(0.12, 0.25) * SAMPLE_RATE)
        t = np.linspace(0.0, 1.0, length)
        start, slope, bow = rng.uniform(44, 52), rng.uniform(-7, 3), rng.uniform(-3, 3)
        pitch = start + slope * t + 4 * bow * t * (1 - t)
        phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / SAMPLE_RATE
        voice = sum(np.sin(k * phase) / k for k in range(1, 12)) * np.hanning(length)
        out += [0.15 * voice, 0.03 * rng.standard_normal(int(rng.uniform(0.03, 0.1) * SAMPLE_RATE))]
    return np.concatenate(out).astype(np.float32)


def two_notes() -> NDArray[np.float32]:
    return sing(line((60, 64)), CLEAN, sample_rate=SAMPLE_RATE, seed=0)


@pytest.mark.parametrize(
    ("sound", "said"),
    [(silence, "silent"), (noise, "no single line"), (speech, "speech"), (two_notes, "only 2 notes")],
)
def test_what_holds_no_tune_is_refused_with_what_to_send(sound: object, said: str) -> None:
    with pytest.raises(NoMelody, match=f"{said}.*(hum|send a tune alone)"):
        heard_notes(track_pitch(sound()))  # type: ignore[operator]
