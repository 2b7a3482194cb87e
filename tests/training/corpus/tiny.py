"""Tiny MIDI files, MusicXML texts, archives and scores for the tests of the corpus."""

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido

from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section

QUARTER = 480
C, F, G, A_MINOR = (Chord(0, Quality.MAJ), Chord(5, Quality.MAJ), Chord(7, Quality.MAJ), Chord(9, Quality.MIN))


@dataclass(frozen=True)
class TinyTrack:
    """Notes as (onset, pitch, duration) in quarter notes on one General MIDI program; channel 9 is drums."""

    notes: Sequence[tuple[float, int, float]]
    program: int = 0
    channel: int = 0
    velocity: int = 80


def midi_bytes(
    tracks: Sequence[TinyTrack], signatures: Sequence[tuple[float, int, int]] = ((0, 4, 4),), tempo_bpm: float = 100.0
) -> bytes:
    """A type 1 MIDI file; signatures are (quarter note, numerator, denominator)."""
    file = mido.MidiFile(type=1, ticks_per_beat=QUARTER)
    meta = [(at, 0, mido.MetaMessage("time_signature", numerator=n, denominator=d)) for at, n, d in signatures]
    meta.append((0, 1, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo_bpm))))
    file.tracks.append(_track(meta))
    for t in tracks:
        events = [(0.0, 0, mido.Message("program_change", program=t.program, channel=t.channel))]
        for onset, pitch, duration in t.notes:
            on = mido.Message("note_on", note=pitch, velocity=t.velocity, channel=t.channel)
            off = mido.Message("note_off", note=pitch, velocity=0, channel=t.channel)
            events += [(onset, 2, on), (onset + duration, 1, off)]
        file.tracks.append(_track(events))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _track(events: Sequence[tuple[float, int, "mido.Message"]]) -> "mido.MidiTrack":
    track = mido.MidiTrack()
    now = 0
    for at, _, message in sorted(events, key=lambda e: (e[0], e[1])):
        tick = round(at * QUARTER)
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def song(bars: int = 16, shift: int = 0) -> list[TinyTrack]:
    """A voice and a piano of two staves in C major, moved by `shift` semitones; I IV V I, a chord a bar."""
    roots = (0, 5, 7, 0)
    tune = (64, 65, 67, 69, 67, 65, 64, 62, 60, 62, 64, 60)
    voice, right, left = [], [], []
    for bar in range(bars):
        root = 60 + roots[bar % 4] + shift
        right += [(4.0 * bar + beat, root + i, 0.9) for beat in (1, 2, 3) for i in (0, 4, 7)]
        left.append((4.0 * bar, root - 24, 3.0))
        voice += [(4.0 * bar + beat, tune[(3 * bar + beat) % 12] + 12 + shift, 0.95) for beat in range(4)]
    return [TinyTrack(voice, 52, 0), TinyTrack(right, 0, 1), TinyTrack(left, 0, 2)]


def write_archive(path: Path, files: dict[str, bytes]) -> None:
    """A tar.xz with the given files."""
    with tarfile.open(path, "w:xz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def sheet_text(measures: Sequence[str], time: tuple[int, int] = (4, 4), fifths: int = 0) -> bytes:
    """MusicXML with two divisions a quarter note around the given measures' contents."""
    beats, beat_type = time
    given = (
        f"<attributes><divisions>2</divisions><key><fifths>{fifths}</fifths></key>"
        f"<time><beats>{beats}</beats><beat-type>{beat_type}</beat-type></time></attributes>"
    )
    body = "".join(f'<measure number="{i + 1}">{given if i == 0 else ""}{m}</measure>' for i, m in enumerate(measures))
    title = "<movement-title>Tiny</movement-title>"
    return f'<score-partwise>{title}<part id="P1">{body}</part></score-partwise>'.encode()


def note_xml(step: str, duration: int, octave: int = 4, extra: str = "") -> str:
    """One MusicXML note; duration in eighths."""
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{duration}</duration>{extra}</note>"


def harmony_xml(step: str, kind: str = "major", alter: int = 0) -> str:
    """One MusicXML chord symbol."""
    root = f"<root><root-step>{step}</root-step><root-alter>{alter}</root-alter></root>"
    return f"<harmony>{root}<kind>{kind}</kind></harmony>"


def scale_score(bars: int = 8, mode: Mode = Mode.MAJOR) -> Score:
    """A tonic scale in the lead over tonic triads, the same in every bar."""
    steps = (0, 2, 4, 5, 7, 5, 4, 2) if mode is Mode.MAJOR else (0, 2, 3, 5, 7, 8, 7, 3)
    third = 4 if mode is Mode.MAJOR else 3
    lead = tuple(Note(16 * b + 2 * i, 60 + s, 2, 80) for b in range(bars) for i, s in enumerate(steps))
    chords = tuple(Note(16 * b, 48 + i, 16, 60) for b in range(bars) for i in (0, third, 7))
    bass = tuple(Note(16 * b, 36, 16, 70) for b in range(bars))
    return Score(
        metre=Metre.FOUR_FOUR,
        key=Key(0, mode),
        tempo_bpm=100.0,
        bars=bars,
        parts={Role.LEAD: lead, Role.CHORDS: chords, Role.BASS: bass},
        chords=(Chord(0, Quality.MAJ if mode is Mode.MAJOR else Quality.MIN),) * (2 * bars),
        sections=(Section(Form.A, 0, bars),),
    ).validate()
