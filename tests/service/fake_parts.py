"""Parts that see videos as the real ones do, but compose and sound by simple rules, so that no model is needed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from encoders.clap import Attributes
from encoders.events import analyse
from encoders.features import Events, Frames
from encoders.frames import read_frames
from generators.render.render import Mix
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Brief, Plan
from generators.score.plan.plan import plan as plan_of
from generators.score.score import DRUM_KEYS, Chord, Note, Quality, Role, Score
from generators.waveform import Waveform
from schemas.edit import Accompany
from schemas.source import Source
from service.parts import Ask, Sounding, Touch, Voice
from service.sight import Point, Track, unit
from service.touching import length_after

RATE = 44100


class FakeParts:
    """Every point in CLAP space is four numbers; the music is an arpeggio of sines with a click on each beat."""

    bundle = "fake 1"
    voice: Voice | None = Voice(("score", "chords", "beats", "nothing"), loops=True, remark="experimental", edits=True)

    def frames(self, path: Path) -> Frames:
        return read_frames(path)

    def events(self, frames: Frames) -> Events:
        return analyse(frames)

    def track(self, source: Source, seen: tuple[Frames, Events] | None, *, seed: int) -> Track:
        rng = np.random.default_rng([seed, len(source.kind)])
        count = 4 if source.kind in {"video", "story"} else 1
        times = np.linspace(0, seen[0].duration_s, count) if seen and source.kind == "video" else np.zeros(count)
        return Track(times, np.stack([unit(rng.random(4)) for _ in range(count)]))

    def heard(self, music: Waveform) -> Point:
        return unit(np.array([1.0, music.samples.std(), music.samples.max(), 0.5]))

    def describe(self, point: Point) -> Attributes:
        level = float(abs(point[0]))
        return Attributes(104.2, level, level, level, level, level, {"cinematic": 0.6, "house": 0.4})

    def plan(self, brief: Brief) -> Plan:
        return plan_of(brief)

    def compose(self, asks: Sequence[Ask]) -> list[Score]:
        return [self._compose(ask) for ask in asks]

    def _compose(self, ask: Ask) -> Score:
        plan, points = ask.plan, ask.points
        per, bars = plan.metre.steps_per_bar, len(plan.bars)
        rng = np.random.default_rng([ask.seed, ask.steps])
        lead = [
            Note(b * per + s, 60 + int(rng.integers(0, 20)), 2, 60 + int(40 * abs(points[b, 0])))
            for b in range(bars)
            for s in range(0, per, 2)
        ]
        drums = [Note(b * per + s, DRUM_KEYS[s // 4 % 2], 1, 90) for b in range(bars) for s in range(0, per, 4)]
        chord = Chord(plan.key.tonic, Quality.MAJ)
        parts = {Role.LEAD: tuple(lead), Role.DRUMS: tuple(drums)}
        return Score(plan.metre, plan.key, plan.tempo_bpm, bars, parts, (chord,) * (2 * bars), plan.sections).validate()

    def perform(self, score: Score, plan: Plan, *, seed: int) -> Performance:
        per = plan.metre.steps_per_bar
        parts: dict[Role, tuple[TimedNote, ...]] = {}
        for role, notes in score.parts.items():
            places = [(n, *divmod(n.onset, per)) for n in notes]
            parts[role] = tuple(
                TimedNote(plan.time_of(bar, step), 0.2, n.pitch, n.velocity)
                for n, bar, step in places
                if step < plan.bars[bar].steps
            )
        return Performance(plan.duration_s, parts, plan.loop)

    def edited(self, music: Waveform, touch: Touch, *, seed: int) -> Waveform:
        """The music turned over, also where it is to stay; as a further part at nine tenths of its level."""
        if isinstance(touch.edit, Accompany):
            return Waveform(0.9 * music.samples, music.sample_rate)
        count = length_after(touch.edit, music)
        return Waveform(-np.resize(music.samples.T, (count, 2)).T, music.sample_rate)

    def render(self, performance: Performance, plan: Plan, sounding: Sounding, *, seed: int) -> Mix:
        total = round(performance.duration_s * RATE)
        stems = {}
        for role, notes in performance.parts.items():
            wave = np.zeros(total, np.float32)
            for n in notes:
                start = round(n.onset_s * RATE)
                t = np.arange(min(RATE // 5, total - start)) / RATE
                hz = 440 * 2 ** ((n.pitch - 69) / 12)
                wave[start : start + len(t)] += (0.15 * np.sin(2 * np.pi * hz * t) * np.exp(-12 * t)).astype(np.float32)
            stems[role] = Waveform(np.stack([wave, wave]), RATE)
        mix = np.stack([s.samples for s in stems.values()]).sum(axis=0)
        if sounding.sung is not None:  # the same music with its channels swapped and turned over
            mix, stems = -mix[::-1], {}
        peak = 20 * float(np.log10(np.abs(mix).max() + 1e-9))
        return Mix(stems if sounding.stems else {}, Waveform(mix, RATE), sounding.lufs, peak)
