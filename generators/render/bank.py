"""The note bank: every (instrument, key, layer) is made once, when first wanted, and then only added up."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from generators.errors import BadWeights
from generators.render.effects import effect_frames, render_effect
from generators.render.sampled import SampledInstrument, Zone
from generators.render.tone import Floats, Tone
from generators.score.score import Effect

#: Prepared lengths in seconds: a note takes the shortest that holds it, so that few lengths are made.
LENGTHS_S = tuple(round(0.8 * 2.0 ** (n / 2), 3) for n in range(21))
THREADS = 2
DEFAULT_CACHE_BYTES = 140_000_000
NoteKey = tuple[str, int, int, int, int, Tone]  # instrument, key, layer, length, rate, tone


@dataclass(frozen=True, slots=True)
class Wanted:
    """A note that is about to be wanted."""

    key: int
    layer: int
    frames: int


@runtime_checkable
class ManyAtOnce(Protocol):
    """An instrument that makes several notes at less than the cost of each alone."""

    def render_many(self, wanted: Sequence[Wanted], rate: int, tone: Tone) -> list[Floats]:
        """Notes [2 frames] at `rate` Hz."""
        ...


class Instrument(Protocol):
    """What a bank can play."""

    @property
    def release_s(self) -> float:
        """Seconds until a released note is 60 dB down."""
        ...

    @property
    def pitched(self) -> bool:
        """Whether keys are pitches, not drums."""
        ...

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A note [2 frames] at `rate` Hz."""
        ...

    def sounding_range(self) -> tuple[int, int]:
        """Lowest and highest key that sounds like the instrument."""
        ...


class NoteBank:
    """Prepared notes by instrument, key, layer, length, rate and tone; the least used go when memory is full."""

    def __init__(self, instruments: Mapping[str, Instrument], cache_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.instruments = dict(instruments)
        self._cache_bytes = cache_bytes
        self._held_bytes = 0
        self._notes: OrderedDict[NoteKey, Floats] = OrderedDict()

    def __contains__(self, name: str) -> bool:
        return name in self.instruments

    def with_instruments(self, more: Mapping[str, Instrument]) -> "NoteBank":
        """A bank that plays `more` too; a name that both have means the new one."""
        return NoteBank({**self.instruments, **more}, self._cache_bytes)

    def instrument(self, name: str) -> Instrument:
        """The instrument of that name; raises BadWeights if the bank has none."""
        if name not in self.instruments:
            raise BadWeights(f"the note bank has no instrument {name!r}; it has {', '.join(sorted(self.instruments))}")
        return self.instruments[name]

    def note(self, name: str, key: int, layer: int, seconds: float, rate: int, tone: Tone) -> Floats:
        """A note [2 N] of at least `seconds`; do not write into it."""
        length = _length(seconds)
        where = (name, key, layer, length, rate, tone)
        if where in self._notes:
            self._notes.move_to_end(where)
            return self._notes[where]
        made = self.instrument(name).render(key, layer, round(LENGTHS_S[length] * rate), rate, tone)
        return self._keep(where, made)

    def prepare(self, name: str, notes: Iterable[tuple[int, int, float]], rate: int, tone: Tone) -> None:
        """Make notes (key, layer, seconds) together: at once where the instrument gains by that, else in threads."""
        instrument = self.instrument(name)
        places = {(name, key, layer, _length(seconds), rate, tone) for key, layer, seconds in notes}
        missing = sorted(places - self._notes.keys(), key=lambda place: place[1:4])
        wanted = [Wanted(key, layer, round(LENGTHS_S[length] * rate)) for _, key, layer, length, _, _ in missing]
        for place, made in zip(missing, _rendered(instrument, wanted, rate, tone), strict=True):
            self._keep(place, made)

    def effect(self, effect: Effect, seconds: float, rate: int) -> Floats:
        """An effect [2 N] for a note of `seconds`; do not write into it."""
        frames = effect_frames(effect, seconds, rate)
        where = (effect.value, 0, 0, frames, rate, Tone())
        if where in self._notes:
            self._notes.move_to_end(where)
            return self._notes[where]
        return self._keep(where, render_effect(effect, frames, rate))

    def _keep(self, where: NoteKey, made: Floats) -> Floats:
        self._notes[where] = made
        self._held_bytes += made.nbytes
        while self._held_bytes > self._cache_bytes and len(self._notes) > 1:
            self._held_bytes -= self._notes.popitem(last=False)[1].nbytes
        return made


def _rendered(instrument: Instrument, wanted: Sequence[Wanted], rate: int, tone: Tone) -> list[Floats]:
    if not wanted:
        return []
    if isinstance(instrument, ManyAtOnce):
        return instrument.render_many(wanted, rate, tone)
    # The first one alone: it may have to decode the recordings that all others need. Transforms free the interpreter.
    first = instrument.render(wanted[0].key, wanted[0].layer, wanted[0].frames, rate, tone)
    with ThreadPoolExecutor(THREADS) as pool:
        rest = pool.map(lambda w: instrument.render(w.key, w.layer, w.frames, rate, tone), wanted[1:])
        return [first, *rest]


def _length(seconds: float) -> int:
    return next((n for n, s in enumerate(LENGTHS_S) if s >= seconds), len(LENGTHS_S) - 1)


def load_instruments(folder: Path) -> dict[str, SampledInstrument]:
    """The sampled instruments of a bundle; every file is checked against the index before it is first decoded.

    Raises BadWeights when the index is missing or unreadable, and, when a note is first wanted, when a file is.
    """
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        rate = int(index["rate"])
        return {name: _sampled(folder, entry, rate) for name, entry in index["instruments"].items()}
    except OSError as exc:
        raise BadWeights(f"{folder} has no index.json of instruments; fetch the bundle again") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise BadWeights(f"{folder / 'index.json'} is not an index of instruments; fetch the bundle again") from exc


def _sampled(folder: Path, entry: Mapping[str, object], rate: int) -> SampledInstrument:
    rows = entry["zones"]
    if not isinstance(rows, list):
        raise TypeError("zones must be a list")
    zones = tuple(
        Zone(**{**row, "loop": tuple(row["loop"]) if row["loop"] else None, "cutoffs_hz": tuple(row["cutoffs_hz"])})
        for row in rows
    )
    audio = cache(partial(_decode, folder / str(entry["file"]), str(entry["sha256"])))
    return SampledInstrument(zones, audio, rate, float(str(entry["release_s"])), bool(entry["kit"]))


def _decode(path: Path, sha256: str) -> NDArray[np.int16]:
    """Decode a checked file to int16 [2 N]; raises BadWeights if it is missing or another one."""
    import io

    import av

    try:
        data = path.read_bytes()
    except OSError as exc:
        raise BadWeights(f"the instrument file {path} is missing; fetch the bundle again") from exc
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadWeights(f"the instrument file {path} has another hash than its index says; fetch the bundle again")
    with av.open(io.BytesIO(data)) as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    samples = np.concatenate(blocks, axis=1)
    if samples.shape[0] == 1:  # packed stereo
        samples = samples.reshape(-1, 2).T
    return np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)
