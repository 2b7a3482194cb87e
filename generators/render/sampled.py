"""Sampled instruments: the nearest zone, its loop written out, resampled and filtered in one pass over its spectrum."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.render.tone import Floats, Hz, Spectrum, Tone, low_pass, response, set_width

LAYERS = 3  # soft, middle, loud
SEAM_S = 0.012  # cross-fade at the end of a loop
NO_FILTER_HZ = 15_000.0
PAD_S = 0.06  # silence behind the note, into which the high-pass rings
_SEARCH = 24  # fast FFT lengths tried for a pair whose ratio is in tune


@dataclass(frozen=True, slots=True)
class Zone:
    """One recorded sample within the audio of its instrument; `root` is the MIDI pitch of the recording."""

    key: int
    root: float
    start: int
    frames: int
    loop: tuple[int, int] | None
    gain_db: float
    decay_db_s: float
    cutoffs_hz: tuple[float, float, float]


@dataclass(frozen=True)
class SampledInstrument:
    """Zones over one recording, int16 [2 N] at `source_rate`; `audio` decodes it when it is first wanted."""

    zones: tuple[Zone, ...]
    audio: Callable[[], NDArray[np.int16]]
    source_rate: int
    release_s: float
    kit: bool = False

    @property
    def pitched(self) -> bool:
        """Whether keys are pitches, not drums."""
        return not self.kit

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A note [2 frames] at `rate`; a kit without a sound for `key` stays silent."""
        zone = min(self.zones, key=lambda z: (abs(z.key - key), z.key))
        if self.kit and zone.key != key:
            return np.zeros((2, frames), np.float32)
        step = self.source_rate / rate * 2.0 ** ((key - zone.root) / 12.0)
        source = self._unrolled(zone, int(np.ceil(frames * step)) + 1)
        note = _resampled(source, step, frames, rate, _filter(zone, layer, tone))
        gain = np.float32(10.0 ** (zone.gain_db / 20.0))
        if zone.decay_db_s:
            decay = -zone.decay_db_s / 20.0 / rate
            note *= np.power(10.0, decay * np.arange(frames)).astype(np.float32)
        note *= gain
        return note

    def sounding_range(self) -> tuple[int, int]:
        """Lowest and highest key that sounds like the instrument; beyond, a sample would be stretched too far."""
        return self.zones[0].key - 7, self.zones[-1].key + 9

    def _unrolled(self, zone: Zone, wanted: int) -> Floats:
        """The zone's samples, at most `wanted`, with the loop repeated as often as needed."""
        stored = self.audio()[:, zone.start : zone.start + zone.frames]
        head = stored[:, : min(wanted, zone.frames)].astype(np.float32) / np.float32(32768.0)
        if zone.loop is None or wanted <= zone.frames:
            return head
        start, end = zone.loop
        seam = min(int(SEAM_S * self.source_rate), start, (end - start) // 2)
        if seam > 0:
            fade = np.linspace(0.0, 1.0, seam, dtype=np.float32)
            head[:, end - seam : end] += fade * (head[:, start - seam : start] - head[:, end - seam : end])
        cycle = head[:, start:end]
        turns = -(-(wanted - end) // (end - start))
        return np.concatenate([head[:, :end], np.tile(cycle, (1, turns))], axis=1)[:, :wanted]


def _filter(zone: Zone, layer: int, tone: Tone) -> Callable[[Hz], tuple[Spectrum, float]]:
    cutoff = zone.cutoffs_hz[layer]

    def at(hz: Hz) -> tuple[Spectrum, float]:
        shape = response(tone, hz)
        return (shape * low_pass(hz, cutoff) if cutoff < NO_FILTER_HZ else shape), tone.width

    return at


def _resampled(
    source: Floats,
    step: float,
    frames: int,
    rate: int,
    shape: Callable[[Hz], tuple[Spectrum, float]],
) -> Floats:
    """Source frames taken `step` at a time, by transforming at one length and back at another (band-limited)."""
    from scipy import fft

    edge = min(256, source.shape[1])
    source[:, source.shape[1] - edge :] *= np.linspace(1.0, 0.0, edge, dtype=np.float32)
    long, short = _fast_pair(source.shape[1] + int(PAD_S * step * rate), step)
    spectrum = fft.rfft(source, long, axis=1)
    bins = min(spectrum.shape[1], short // 2 + 1)
    hz = np.arange(bins) * (rate / short)
    gains, width = shape(hz)
    kept = set_width(spectrum[:, :bins] * gains, hz, width)
    note = fft.irfft(kept, short, axis=1)[:, :frames] * np.float32(short / long)
    out = np.zeros((2, frames), np.float32)
    out[:, : note.shape[1]] = note
    ends = min(frames, round(source.shape[1] / step))
    fade = min(ends // 4, rate // 200)
    out[:, ends:] = 0.0
    out[:, ends - fade : ends] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return out


def _fast_pair(least: int, step: float) -> tuple[int, int]:
    """Two fast FFT lengths whose ratio is `step`, to a few hundredths of a cent where possible."""
    from scipy import fft

    best, error = (0, 0), np.inf
    long = least
    for _ in range(_SEARCH):
        long = fft.next_fast_len(long)
        short = fft.next_fast_len(max(16, int(long / step * 0.998)))
        while short <= long / step * 1.002 + 16:
            off = abs(np.log2(long / short / step))
            if off < error:
                best, error = (long, short), off
            short = fft.next_fast_len(short + 1)
        if error < 2e-5:  # a fortieth of a cent
            break
        long += 1
    return best
