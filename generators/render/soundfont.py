"""A user's own SoundFont: its General MIDI presets take the places of the embedded instruments of the same name.

RustySynth plays the notes through `midirenderer` and knows the whole of the SoundFont 2 standard. The font is read once
for all notes that a part wants, and each of them goes into the note bank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from generators.errors import BadSoundFont
from generators.render.bank import Wanted
from generators.render.kits import KIT_LEVELS_DB
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.sf2 import Region, read_soundfont
from generators.render.tone import Floats, Tone, apply_tone

#: Instruments by General MIDI (bank, program); bank 128 holds the drum kits.
GENERAL_MIDI: dict[str, tuple[int, int]] = {
    name: (0, program)
    for name, program in (
        ("piano", 0), ("electric_piano", 4), ("celesta", 8), ("glockenspiel", 9), ("music_box", 10), ("vibes", 11),
        ("marimba", 12), ("organ", 17), ("accordion", 21), ("nylon_guitar", 24), ("steel_guitar", 25),
        ("jazz_guitar", 26), ("clean_guitar", 27), ("muted_guitar", 28), ("overdrive_guitar", 29),
        ("acoustic_bass", 32), ("finger_bass", 33), ("picked_bass", 34), ("violin", 40), ("cello", 42),
        ("contrabass", 43), ("tremolo_strings", 44), ("pizzicato", 45), ("harp", 46), ("timpani", 47), ("strings", 48),
        ("choir", 52), ("trumpet", 56), ("trombone", 57), ("tuba", 58), ("horns", 60), ("brass", 61), ("alto_sax", 65),
        ("oboe", 68), ("bassoon", 70), ("clarinet", 71), ("flute", 73), ("taiko", 116),
    )
}  # fmt: skip
KIT_PROGRAMS = {"standard_kit": 0, "brush_kit": 40, "tr808_kit": 25, "orchestra_kit": 48}
GENERAL_MIDI |= {name: (128, program) for name, program in KIT_PROGRAMS.items()}
LAYER_VELOCITIES = (60, 92, 118)
SYNTH_RATE = 48_000  # of midirenderer, whatever the font was recorded at
TICK_FRAMES = 50  # a tick of 1/960 s
GAP_TICKS = 96  # between two notes, after all sound is off
SETTLE_FRAMES = 256  # events wait for the synthesiser's next block
SILENT = 1e-5
DRUMS = 9


def soundfont_instruments(path: Path) -> "dict[str, SoundFontInstrument]":
    """The embedded names that the font has presets for; raises BadSoundFont when it is broken or has none."""
    font = read_soundfont(path)
    data = path.read_bytes()
    found = {
        name: SoundFontInstrument(data, name, where, font.presets[where])
        for name, where in GENERAL_MIDI.items()
        if font.presets.get(where)
    }
    if not found:
        raise BadSoundFont(f"{path} has no General MIDI preset that a palette uses; use a General MIDI SoundFont")
    return found


@dataclass(frozen=True, eq=False)
class SoundFontInstrument:
    """One preset of a font's bytes, and the regions that say where it sounds."""

    font: bytes
    name: str
    where: tuple[int, int]
    regions: tuple[Region, ...]

    @property
    def pitched(self) -> bool:
        """Whether keys are pitches, not drums."""
        return self.where[0] != 128

    @property
    def release_s(self) -> float:
        """Seconds until a released note is 60 dB down."""
        return float(np.clip(0.6 * self.regions[0].release_s, 0.05, 1.2))

    def sounding_range(self) -> tuple[int, int]:
        """Lowest and highest key that the preset has samples for."""
        return min(r.keys[0] for r in self.regions), max(r.keys[1] for r in self.regions)

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A note [2 frames] at `rate`."""
        return self.render_many([Wanted(key, layer, frames)], rate, tone)[0]

    def render_many(self, wanted: Sequence[Wanted], rate: int, tone: Tone) -> list[Floats]:
        """Several notes [2 frames] at `rate`, in one reading of the font; a kit without a sound for a key is silent."""
        played = self._played([(w.key, LAYER_VELOCITIES[w.layer], w.frames / rate) for w in wanted])
        return [self._finished(note, w, rate, tone) for note, w in zip(played, wanted, strict=True)]

    def _finished(self, note: Floats, wanted: Wanted, rate: int, tone: Tone) -> Floats:
        out = np.zeros((2, wanted.frames), np.float32)
        if np.max(np.abs(note), initial=0.0) < SILENT:
            return out
        note = apply_tone(_at_rate(note, rate)[:, : wanted.frames], rate, tone)
        level = NOTE_LEVEL_DB + (0.0 if self.pitched else KIT_LEVELS_DB.get(wanted.key, 0.0))
        note *= np.float32(10.0 ** ((level - moment_level_db(note, rate)) / 20.0))
        out[:, : note.shape[1]] = note
        return out

    def _played(self, notes: Sequence[tuple[int, int, float]]) -> list[Floats]:
        """Keys at velocities for seconds, each [2 N] at SYNTH_RATE."""
        import midirenderer

        midi, starts = _midi(notes, channel=0 if self.pitched else DRUMS, program=self.where[1])
        try:
            wave = midirenderer.render_wave_from(self.font, midi)
        except Exception as exc:
            raise BadSoundFont(f"the SoundFont's preset for {self.name} cannot be played ({exc}); use another") from exc
        samples = np.frombuffer(wave, "<i2", offset=44).reshape(-1, 2).T.astype(np.float32) / np.float32(32768.0)
        return [
            _from_onset(samples[:, start : start + SETTLE_FRAMES + round(seconds * SYNTH_RATE)])
            for start, (_, _, seconds) in zip(starts, notes, strict=True)
        ]


def _midi(notes: Sequence[tuple[int, int, float]], *, channel: int, program: int) -> tuple[bytes, list[int]]:
    """A file that plays notes one after another, dry, and the frame at which each begins."""
    import mido

    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    for control in (91, 93):  # no reverberation, no chorus: the palette's room comes later
        track.append(mido.Message("control_change", channel=channel, control=control, value=0))
    track.append(mido.Message("program_change", channel=channel, program=program))
    starts, now, pause = [], GAP_TICKS, GAP_TICKS
    for key, velocity, seconds in notes:
        ticks = int(np.ceil((seconds * SYNTH_RATE + SETTLE_FRAMES) / TICK_FRAMES))
        starts.append(now * TICK_FRAMES)
        track.append(mido.Message("note_on", channel=channel, note=key, velocity=velocity, time=pause))
        track.append(mido.Message("note_off", channel=channel, note=key, time=ticks))
        track.append(mido.Message("control_change", channel=channel, control=120, value=0))  # all sound off
        now, pause = now + ticks + GAP_TICKS, GAP_TICKS
    out = BytesIO()
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(file=out)
    return out.getvalue(), starts


def _from_onset(samples: Floats) -> Floats:
    """Without what the synthesiser waited before the note's first sample."""
    sounding = np.abs(samples[:, :SETTLE_FRAMES]).max(axis=0) > SILENT
    return samples[:, int(np.argmax(sounding)) if sounding.any() else 0 :]


def _at_rate(samples: Floats, rate: int) -> Floats:
    from scipy import signal

    divisor = int(np.gcd(rate, SYNTH_RATE))
    out: Floats = signal.resample_poly(samples, rate // divisor, SYNTH_RATE // divisor, axis=1).astype(np.float32)
    return out
