"""The melody that somebody gives, from a MIDI file or from a recording, as a tune on the grid."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoders.errors import NoMelody
from generators.errors import InvalidScore
from generators.score.performance import TimedNote
from generators.score.score import Metre
from generators.score.tune import Tune
from service.errors import BadMedia
from service.media.magic import MELODY_KINDS, Kind, kind_of, require
from service.media.reading import read_audio

MAX_MIDI_BYTES = 2_000_000
MAX_SUNG_S = 120.0
_LOUDEST_DB, _VELOCITY, _PER_DB = -12.0, 92, 1.5


@dataclass(frozen=True)
class GivenMelody:
    """A tune; `is_exact` when its tempo was written and not sung. Remarks say what was left out."""

    tune: Tune
    is_exact: bool
    remarks: tuple[str, ...] = ()


def read_melody(path: Path, *, tempo_bpm: float | None = None, metre: Metre | None = None) -> GivenMelody:
    """The tune of a file; a tempo and a metre that are asked for tell how a recording is counted.

    Raises:
        BadInput: the file cannot be read.
        BadMedia: it is neither MIDI nor sound, or is damaged; a MIDI file without a usable melody.
        NoMelody: a recording in which no tune is heard.
    """
    require(path, *MELODY_KINDS)
    if kind_of(path) is Kind.MIDI:
        return GivenMelody(_written(path), is_exact=True)
    return _sung(path, tempo_bpm, metre)


def _written(path: Path) -> Tune:
    from generators.score.tune_reading import read_tune

    if path.stat().st_size > MAX_MIDI_BYTES:
        raise BadMedia(
            f"{path}: is larger than {MAX_MIDI_BYTES // 1_000_000} MB; give a MIDI file with the melody alone"
        )
    try:
        return read_tune(path.read_bytes())
    except InvalidScore as exc:
        raise BadMedia(f"{path}: {exc}") from exc


def _sung(path: Path, tempo_bpm: float | None, metre: Metre | None) -> GivenMelody:
    from encoders.pitch import SAMPLE_RATE, track_pitch
    from encoders.singing import heard_notes
    from generators.score.beat_fit import fit_beats

    sound = read_audio(path, sample_rate=SAMPLE_RATE, max_duration_s=MAX_SUNG_S + 1.0)
    samples = sound.samples[:, : round(MAX_SUNG_S * SAMPLE_RATE)]
    is_longer = sound.samples.shape[1] > samples.shape[1]
    try:
        heard = heard_notes(track_pitch(samples.mean(axis=0)))
    except NoMelody as exc:
        raise NoMelody(f"{path}: {exc}") from exc
    notes = [TimedNote(n.onset_s, n.end_s - n.onset_s, n.pitch, _velocity(n.level_db)) for n in heard]
    remark = f"only the first {MAX_SUNG_S:g} s of the melody were listened to; send the tune alone"
    return GivenMelody(
        fit_beats(notes, tempo_bpm=tempo_bpm, metre=metre), is_exact=False, remarks=(remark,) if is_longer else ()
    )


def _velocity(level_db: float) -> int:
    return int(np.clip(round(_VELOCITY + _PER_DB * (level_db - _LOUDEST_DB)), 60, 110))
