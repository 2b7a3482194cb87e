"""Melody in: how many notes of hummed tunes are heard, counted and played, and how the harmony meets them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.context import Context
from benchmarks.hummed import HUM, ROUGH, WHISTLE, Sung, Voice, loosened, sing
from benchmarks.studio import Studio, counted
from benchmarks.table import Cell, Section, table, verdict
from benchmarks.tunes import BARS, midi_of, songs, sung_of
from encoders.errors import NoMelody
from encoders.pitch import SAMPLE_RATE, track_pitch
from encoders.singing import HeardNote, heard_notes, tuning_of
from generators.score.beat_fit import FASTEST, SLOWEST, fit_beats
from generators.score.fit import clash
from generators.score.midi import write_midi
from generators.score.midi_reading import read_midi
from generators.score.performance import TimedNote
from generators.score.plan.brief import Plan
from generators.score.score import Note, Role, Score
from generators.score.style import STYLES, Style
from generators.score.tune import Tune
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.brief import brief_of
from service.looking import look
from service.progress import Silent, Stages

NEAR_S = 0.05
F1_BAR, EXACT_BAR = 0.9, 1.0
SINGERS: dict[str, tuple[Voice, int]] = {  # and the octave in which they sing, in semitones
    "hummed low": (HUM, -12),
    "hummed high": (HUM, 0),
    "whistled": (WHISTLE, 12),
    "hummed badly, in noise": (ROUGH, -12),
}


@dataclass(frozen=True)
class Told:
    """What came of one recording: matched, meant and heard notes, and what the grid made of them."""

    matched: int
    meant: int
    heard: int
    free: "Counted | None"
    known: "Counted | None"  # with the tempo told


@dataclass(frozen=True)
class Counted:
    """A tune on the grid against the true one: the share of right steps, of right steps and lengths, and the rest."""

    steps: float
    lengths: float
    tempo: bool
    metre: bool
    bar_line: bool
    key: bool


def measure(context: Context) -> tuple[Section, ...]:
    """Transcribe sung tunes of held-out songs, then send some through the whole product."""
    tunes = songs(context.held_out, context.counts.tunes, seed=context.seed)
    told: dict[str, list[Told]] = {name: [] for name in SINGERS}
    say = counted("singing")
    for number, tune in enumerate(tunes):
        name = list(SINGERS)[number % len(SINGERS)]
        told[name].append(heard_of(tune, *SINGERS[name], seed=context.seed + number))
        say(number + 1, len(tunes))
    f1 = _f1([t for group in told.values() for t in group])
    rows = [_row(name, group) for name, group in told.items()]
    rows.append(_row("all", [t for group in told.values() for t in group]))
    text = (
        f"The first {BARS} bars of {len(tunes)} held-out songs, sung by a synthesiser of our own: harmonics or a "
        "whistle, vibrato, glides, wrong tuning, breath and room noise, onsets off by 20 ms (badly: 30 ms; standard "
        f"deviation). Note F1: onset within {NEAR_S * 1000:.0f} ms, pitch within 50 cents. Steps: notes on the right "
        "sixteenth, counted from the first note, with the right pitch against the others; all is wrong where the tempo "
        f"is taken at half or double. Songs at {SLOWEST:.0f} to {FASTEST:.0f} bpm.\n\n"
        f"Bar: F1 at least {F1_BAR}; {verdict(met=f1 >= F1_BAR)} ({f1:.3f}).\n\n"
    )
    head = ["sung", "tunes", "note F1", "steps", "steps and lengths", "tempo", "metre", "first bar line", "key"]
    text += table([*head, "steps, tempo told", "first bar line, tempo told"], rows)
    return (Section("melody", "Melody in", text + _played(context, tunes)),)


def heard_of(tune: Tune, voice: Voice, octave: int, *, seed: int) -> Told:
    """Sing a tune, listen to it, and count it."""
    meant = loosened(sung_of(tune, octave), voice, np.random.default_rng(seed))
    try:
        track = track_pitch(sing(meant, voice, sample_rate=SAMPLE_RATE, seed=seed))
        heard = heard_notes(track)
    except NoMelody:
        return Told(0, len(meant), 0, None, None)
    timed = [TimedNote(n.onset_s, n.end_s - n.onset_s, n.pitch - octave, 80) for n in heard]
    free = compared(fit_beats(timed), tune)
    known = compared(fit_beats(timed, tempo_bpm=tune.tempo_bpm), tune)
    return Told(matches(meant, heard, tuning_of(track.pitch)), len(meant), len(heard), free, known)


def matches(meant: Sequence[Sung], heard: Sequence[HeardNote], tuning: float = 0.0) -> int:
    """How many notes were heard at their time and pitch, each once; `tuning` was taken out of what was heard."""
    left, count = list(heard), 0
    for note in meant:
        near = [
            h for h in left if abs(h.onset_s - note.onset_s) <= NEAR_S and abs(h.pitch + tuning - note.pitch) <= 0.5
        ]
        if near:
            left.remove(min(near, key=lambda h: abs(h.onset_s - note.onset_s)))
            count += 1
    return count


def compared(found: Tune, true: Tune) -> Counted:
    """A tune against the true one, both counted from their first note; a tune may be transposed as a whole."""
    moved = round(float(np.median([n.pitch for n in found.notes]) - np.median([n.pitch for n in true.notes])))
    mine = {(n.onset - found.notes[0].onset, n.pitch - moved): n.duration for n in found.notes}
    theirs = [((n.onset - true.notes[0].onset, n.pitch), n.duration) for n in true.notes]
    tempo = abs(found.tempo_bpm / true.tempo_bpm - 1.0) <= 0.04
    metre, per = found.metre is true.metre, true.metre.steps_per_bar
    same_place = (found.notes[0].onset - true.notes[0].onset) % per == 0
    return Counted(
        steps=float(np.mean([place in mine for place, _ in theirs])),
        lengths=float(np.mean([mine.get(place) == length for place, length in theirs])),
        tempo=tempo,
        metre=metre,
        bar_line=tempo and metre and same_place,
        key=found.transposed(-moved).key == true.key,
    )


def _f1(told: Sequence[Told]) -> float:
    return 2 * sum(t.matched for t in told) / max(1, sum(t.meant + t.heard for t in told))


def _row(name: str, told: Sequence[Told]) -> list[Cell]:
    def mean(counted: Sequence[Counted | None], name: str) -> float:
        return float(np.mean([getattr(c, name) if c else 0.0 for c in counted])) if told else 0.0

    free, known = [t.free for t in told], [t.known for t in told]
    return [
        name,
        len(told),
        _f1(told),
        *(mean(free, f) for f in ("steps", "lengths", "tempo", "metre", "bar_line", "key")),
        *(mean(known, f) for f in ("steps", "bar_line")),
    ]


@dataclass(frozen=True)
class Played:
    """One melody through the product: notes that came back exactly, and notes on beats beside their chords."""

    style: Style
    exact: int
    notes: int
    clash: float
    drawn: float  # mean over single draws
    elsewhere: float  # the same tune over the chords of music that does not know it


def _played(context: Context, tunes: Sequence[Tune]) -> str:
    say = counted("playing")
    count = max(4, context.counts.tunes // 2)
    played = []
    for number in range(count):
        style = STYLES[number % len(STYLES)]
        played.append(play(context.studio, tunes[number % len(tunes)], style, seed=context.seed + number))
        say(number + 1, count)
    exact, notes = sum(p.exact for p in played), sum(p.notes for p in played)
    rows: list[list[Cell]] = [
        ["as the product chooses", float(np.mean([p.clash for p in played]))],
        ["single draws, with the melody given", float(np.mean([p.drawn for p in played]))],
        ["chords written without the melody", float(np.mean([p.elsewhere for p in played]))],
    ]
    share = exact / max(1, notes)
    text = (
        f"\nThe tunes as MIDI files through the whole product, {count} pieces in {len({p.style for p in played})} "
        f"styles: of {notes} notes that were due, {share:.4f} come back from the MIDI file at their step, pitch and "
        f"length. Bar {EXACT_BAR:g}: {verdict(met=share >= EXACT_BAR)}. Notes on beats that are not tones of their "
        "chord:\n\n"
    )
    return text + table(["harmony", "share of notes on beats"], rows)


def play(studio: Studio, tune: Tune, style: Style, *, seed: int) -> Played:
    """A melody through the product, as a MIDI file; the steps of the performance, without swing, are read back."""
    from generators.score.sampling import Sampling

    with TemporaryDirectory() as folder:
        file = Path(folder) / "tune.mid"
        file.write_bytes(midi_of(tune))
        request = MusicRequest(sources=(CaptionSource(text=f"{style.value} music"),), melody=str(file), seed=seed)
        looked = look(request, studio.parts, Stages(Silent(), 2))
    given = looked.melody.tune if looked.melody else None
    plan = studio.parts.plan(brief_of(looked.sheet, seed=seed, tune=given))
    spans = [(b.start_s, b.end_s) for b in plan.bars]
    points = studio.parts.drawn(plan, looked.sight.points_over(spans, plan.duration_s))
    score = studio.engine.compose_best(plan, points, seed=seed)
    performance = studio.parts.perform(score, plan, seed=seed)
    out = read_midi(write_midi(performance, plan, {}))
    draws = [studio.engine.compose(plan, points, seed=seed + k, sampling=Sampling()) for k in range(3)]
    alone = studio.engine.compose_best(replace(plan, melody=None), points, seed=seed)
    due = due_notes(plan)
    lead = {(n.onset, n.pitch, n.duration) for n in out.parts.get(Role.LEAD, ())}
    return Played(
        style,
        sum((n.onset, n.pitch, n.duration) in lead for n in due),
        len(due),
        tune_clash(score, due),
        float(np.mean([tune_clash(s, due) for s in draws])),
        tune_clash(alone, due),
    )


def due_notes(plan: Plan) -> tuple[Note, ...]:
    """The notes of the melody that a plan states."""
    return plan.melody.notes if plan.melody else ()


def tune_clash(score: Score, notes: Sequence[Note]) -> float:
    """The share of a tune's notes on beats beside the chords of a score."""
    return clash(replace(score, parts={Role.LEAD: tuple(notes)}))
