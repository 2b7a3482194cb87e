"""Whether the audio engine plays what the score says: onsets, harmony and beats, beside the sampled rendering."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio_context import AudioContext
from benchmarks.audio_sung import Stage, played, shuffled_weights
from benchmarks.onsets import onsets
from benchmarks.table import Cell, Section, table, verdict
from generators.score.score import Metre, Role
from generators.waveform import Waveform
from training.audio.aligned import Aligned

REACH_S, TOGETHER_S = 0.05, 0.03  # of a hit; notes nearer to each other than this are one onset
EDGE_S = 0.2  # of a clip, in which nothing counts
F1_BAR, CHROMA_BAR, BEAT_BAR_MS = 0.9, 0.9, 30.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one clip: onset F1 against its notes, chroma correlation with the sampled rendering, beat errors in ms."""

    f1: float
    chroma: float
    beat_ms: tuple[float, ...]


def measure(context: AudioContext) -> tuple[Section, ...]:
    """The sampled rendering, the same through the codec, the engine, and the engine with shuffled weights."""
    stage = Stage.of(context, clips=context.counts.clips)
    ignorant = shuffled_weights(stage.engine)
    rows: dict[str, list[Heard]] = {}
    for i, clip in enumerate(stage.clips):
        sampled = played(clip)
        made = {
            "sampled rendering": sampled,
            "the same through the codec": stage.through_codec(sampled),
            "audio engine, whole score": stage.performed(clip, seed=i),
            "its weights in random order": stage.performed(clip, seed=i, engine=ignorant),
        }
        for name, sound in made.items():
            rows.setdefault(name, []).append(heard(sound, clip, sampled))
    return (Section("audio-score", "Audio engine: playing a score", told_in_words(rows)),)


def heard(sound: Waveform, clip: Aligned, sampled: Waveform) -> Heard:
    """Compare a sound with the notes of a clip and with its sampled rendering."""
    found = onsets(sound)
    length_s = sound.duration_s
    true = true_onsets(clip, length_s)
    peaks = found.peaks_s[(found.peaks_s > EDGE_S) & (found.peaks_s < length_s - EDGE_S)]
    beats = [t for t in beat_times(clip) if np.min(np.abs(true - t), initial=np.inf) < 0.5 * TOGETHER_S]
    errors = tuple(1000.0 * found.nearest_s(t) for t in beats)
    return Heard(onset_f1(peaks, true), chroma_correlation(sound, sampled), errors)


def true_onsets(clip: Aligned, length_s: float) -> Floats:
    """When notes begin, in rising order, neighbours within TOGETHER_S as one."""
    performance = clip.performance()
    times = sorted(n.onset_s for role, notes in performance.parts.items() if role is not Role.EFFECTS for n in notes)
    kept: list[float] = []
    for t in times:
        if EDGE_S < t < length_s - EDGE_S and (not kept or t - kept[-1] > TOGETHER_S):
            kept.append(t)
    return np.asarray(kept)


def beat_times(clip: Aligned) -> list[float]:
    """The felt beats of a clip's bars."""
    per = Metre(clip.metre).steps_per_beat
    return [
        bar.start_s + (bar.end_s - bar.start_s) * step / bar.steps
        for bar in clip.grid()
        for step in range(0, bar.steps, per)
        if bar.start_s + (bar.end_s - bar.start_s) * step / bar.steps > EDGE_S
    ]


def onset_f1(found: Floats, true: Floats, reach_s: float = REACH_S) -> float:
    """F1 of a one-to-one matching of rising times within reach, the earliest first."""
    if not len(found) or not len(true):
        return 0.0
    hits = i = j = 0
    while i < len(found) and j < len(true):
        if abs(found[i] - true[j]) <= reach_s:
            hits, i, j = hits + 1, i + 1, j + 1
        elif found[i] < true[j]:
            i += 1
        else:
            j += 1
    return 2.0 * hits / (len(found) + len(true))


def chroma_correlation(a: Waveform, b: Waveform) -> float:
    """Mean over half seconds of the correlation between the pitch classes of two sounds, where both sound."""
    x, y = (_chroma(w) for w in (a, b))
    both = (x.std(axis=0) > 1e-6) & (y.std(axis=0) > 1e-6)
    if not both.any():
        return 0.0
    x, y = ((m[:, both] - m[:, both].mean(axis=0)) / m[:, both].std(axis=0) for m in (x, y))
    return float((x * y).mean())


def _chroma(sound: Waveform) -> Floats:
    import librosa

    mono = librosa.resample(sound.samples.mean(axis=0), orig_sr=sound.sample_rate, target_sr=22050)
    frames = librosa.feature.chroma_stft(y=mono, sr=22050, n_fft=8192, hop_length=2048, norm=None, tuning=0.0)
    usable = frames[:, : frames.shape[1] // 5 * 5]
    halves: Floats = np.sqrt(usable).reshape(12, -1, 5).mean(axis=-1).astype(np.float64)
    return halves


def told_in_words(rows: dict[str, Sequence[Heard]] | dict[str, list[Heard]]) -> str:
    """The section's text."""
    f1 = {name: mean(h.f1 for h in heard_) for name, heard_ in rows.items()}
    chroma = {name: mean(h.chroma for h in heard_) for name, heard_ in rows.items()}
    beats = {name: np.concatenate([h.beat_ms for h in heard_]) for name, heard_ in rows.items()}
    sampled, _, sung, _ = rows
    share, median_ms = f1[sung] / max(f1[sampled], 1e-9), float(np.median(beats[sung]))
    cells: list[list[Cell]] = [
        [n, f1[n], chroma[n], float(np.median(beats[n])), float((beats[n] <= BEAT_BAR_MS).mean())] for n in rows
    ]
    bars: list[list[Cell]] = [
        ["onset F1, share of the sampled rendering's", share, f"at least {F1_BAR}", share >= F1_BAR],
        ["chroma correlation", chroma[sung], f"at least {CHROMA_BAR}", chroma[sung] >= CHROMA_BAR],
        ["beat times, median ms", median_ms, f"at most {BEAT_BAR_MS:g}", median_ms <= BEAT_BAR_MS],
    ]
    met = all(bool(row[-1]) for row in bars)
    text = (
        f"{len(rows[sung])} clips of 11.9 s of held-out pieces, at the default settings, told their score, curves and "
        "the CLAP point of their sound. Onsets: peaks of log-mel flux (librosa), matched one to one within 50 ms with "
        "the notes; chroma: correlation of pitch classes with the sampled rendering by half seconds; beats: distance "
        f"from beats on which a note begins to the nearest onset. Bars: {verdict(met=met)}.\n\n"
    )
    header = ["sound", "onset F1", "chroma correlation", "beats, median ms", "beats within 30 ms"]
    return text + table(header, cells) + "\n" + table(["what", "measured", "bar", "met"], bars)
