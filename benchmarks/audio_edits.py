"""Whether edits leave the rest alone, and whether loops have a seam."""

from dataclasses import dataclass
from statistics import mean

import numpy as np
from scipy.ndimage import maximum_filter1d

from benchmarks.audio_context import AudioContext
from benchmarks.audio_sung import Stage, played
from benchmarks.onsets import onsets
from benchmarks.table import Cell, Section, table, verdict
from generators.audio.conditions import Floats
from generators.audio.editing import AWAY, SEAM, extend, known_latents, repaint
from generators.audio.engine import Codec
from generators.audio.kept import Recording
from generators.audio.vae import FRAMES
from generators.waveform import Waveform

SPAN_S = (4.0, 7.0)
SEAM_REACH_S = 0.03
PERCENTILE_BAR = 95.0


@dataclass(frozen=True, slots=True)
class Edited:
    """Of one clip: samples and latents outside the span that changed, and flux percentiles at joints and seams.

    agreement: correlation with the original of what the codec makes of a span's first and last 20 ms beside what is
    kept of it, strangers: the same with nothing kept.
    """

    samples_changed: int
    latents_changed: int
    extension_changed: int
    joints: float
    agreement: float
    strangers: float
    loop: float
    plain: float


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Repaint, extend and loop held-out clips."""
    stage = Stage.of(context, clips=max(4, context.counts.clips // 2))
    found = [_edited(stage, i) for i in range(len(stage.clips))]
    changed = sum(e.samples_changed + e.latents_changed + e.extension_changed for e in found)
    loop = mean(e.loop for e in found)
    rows: list[list[Cell]] = [
        ["samples and latents outside that changed", changed, "0", changed == 0],
        ["flux at a loop's seam, percentile", loop, f"at most {PERCENTILE_BAR:g}", loop <= PERCENTILE_BAR],
        ["the same without going round", mean(e.plain for e in found), None, None],
        ["flux at a repainted span's joints, percentile", mean(e.joints for e in found), None, None],
        ["waves that meet at a span's ends, correlation", mean(e.agreement for e in found), None, None],
        ["the same with nothing of the recording kept", mean(e.strangers for e in found), None, None],
    ]
    met = changed == 0 and loop <= PERCENTILE_BAR
    text = (
        f"{len(found)} held-out clips: {SPAN_S[0]:g} to {SPAN_S[1]:g} s made anew, all told; the first half extended; "
        "loops as long as the clip. Percentile: where the strongest flux within 30 ms of a joint stands among the "
        "piece's own frames, mean over clips. Waves that meet: what the codec makes of the first and last 20 ms of a "
        f"span, beside what is kept of the recording, against the recording. Bars: {verdict(met=met)}.\n\n"
    )
    return (
        Section("audio-edits", "Audio engine: edits and loops", text + table(["what", "measured", "bar", "met"], rows)),
    )


def _edited(stage: Stage, number: int) -> Edited:
    clip = stage.clips[number]
    original, told = played(clip), stage.told(clip)
    engine, rate, length = stage.engine, original.sample_rate, original.samples.shape[1]
    painted = repaint(engine, original, [SPAN_S], told, seed=number).samples
    outside = np.ones(length, bool)
    outside[int(SPAN_S[0] * rate) : int(np.ceil(SPAN_S[1] * rate))] = False
    known = known_latents(engine, original)
    stays = np.arange(len(known)) % 40 < 20
    latents = engine.latents(told.with_sound(known, stays=stays), seed=number)
    half = Waveform(original.samples[:, : length // 2].copy(), rate)
    longer = extend(engine, half, length, told, seed=number).samples
    same = length // 2 - SEAM
    turn, plain = (engine.generate(told, length, seed=number, loop=loop) for loop in (True, False))
    return Edited(
        int((painted[:, outside] != original.samples[:, outside]).sum()),
        int((latents[stays] != known[stays]).sum()),
        int((longer[:, :same] != half.samples[:, :same]).sum()),
        mean(flux_percentile(Waveform(painted, rate), at) for at in SPAN_S),
        agreement(engine.codec, original, known, kept=True),
        agreement(engine.codec, original, known, kept=False),
        seam_percentile(turn),
        seam_percentile(plain),
    )


def agreement(codec: Codec, original: Waveform, latents: Floats, *, kept: bool) -> float:
    """How well waves meet: mean correlation with the original in cross-fades at both ends of a span of its latents."""
    first, last = (round(s * original.sample_rate / codec.hop_length) for s in SPAN_S)
    places = np.arange(FRAMES * len(latents))
    stays = (places < FRAMES * first - AWAY) | (places >= FRAMES * last + AWAY)
    recording = Recording(original.samples, stays & kept)
    length = original.samples.shape[1]
    made = np.concatenate(list(codec.decode_stream(latents, length, kept=recording)), axis=1)
    ends = (first * codec.hop_length, last * codec.hop_length - SEAM)
    pairs = [(original.samples[:, at : at + SEAM].ravel(), made[:, at : at + SEAM].ravel()) for at in ends]
    return mean(float(a @ b) / max(float(np.sqrt((a @ a) * (b @ b))), 1e-9) for a, b in pairs)


def seam_percentile(turn: Waveform) -> float:
    """Where the flux at the seam of a loop stands among the loop's own frames, in per cent."""
    half = turn.samples.shape[1] // 2
    return flux_percentile(Waveform(np.roll(turn.samples, half, axis=1), turn.sample_rate), half / turn.sample_rate)


def flux_percentile(sound: Waveform, at_s: float) -> float:
    """Where the strongest flux around a time stands among the highest flux around every other, in per cent."""
    found = onsets(sound)
    here = found.strength(at_s, SEAM_REACH_S)
    width = max(1, round(SEAM_REACH_S / float(np.diff(found.times_s).mean())))
    around = maximum_filter1d(found.flux, 2 * width + 1)
    return float(100.0 * (around < here).mean())
