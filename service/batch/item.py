"""An item of a batch: what one line asks for, or why it cannot be read; and the request that it becomes."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from schemas.request import MusicRequest
from service.batch.spec import Spec
from service.errors import BadInput
from service.options import ScoreOptions
from service.worker.task import Wanted


@dataclass(frozen=True, slots=True)
class Item:
    """`where` says to a person where it stands; a `fault` says why there is no `spec`."""

    id: str
    where: str
    base: Path
    digest: str
    spec: Spec | None = None
    fault: str | None = None

    @property
    def asked(self) -> Spec:
        """What it asks for.

        Raises:
            BadInput: when that could not be read.
        """
        if self.spec is None:
            raise BadInput(f"{self.where}: {self.fault}")
        return self.spec


def good(spec: Spec, where: str, base: Path) -> Item:
    """An item that can be tried; its digest does not depend on where the folder lies."""
    asked = spec.model_dump_json(exclude_defaults=True)  # what is added to the options later changes no digest
    return Item(spec.id, where, base, hashlib.sha256(asked.encode()).hexdigest(), spec=spec)


def bad(id_: str, where: str, base: Path, raw: bytes, fault: str) -> Item:
    """An item that cannot be tried."""
    digest = hashlib.sha256(raw + b"\0" + fault.encode()).hexdigest()
    return Item(id_, where, base, digest, fault=fault)


def inputs_of(item: Item) -> Iterator[tuple[str, Path]]:
    """Every file that an item names: as it is written, and where it is."""
    spec = item.asked
    texts = (spec.story, spec.caption, spec.chords, spec.cuts if isinstance(spec.cuts, str) else None)
    read = [text[1:] for text in texts if text is not None and text.startswith("@")]
    for name in (spec.video, *spec.image, spec.reference, spec.cue_sheet, spec.melody, spec.soundfont, *read):
        if name is not None:
            yield name, item.base / name


def wanted_of(spec: Spec) -> Wanted:
    """Which files an item wants."""
    return Wanted(spec.container, stems=spec.stems, midi=spec.midi, picture=spec.picture)


def request_of(item: Item) -> MusicRequest:
    """The request that an item makes, as the command line would; files are looked at by their first bytes.

    Raises:
        BadInput: when something that it names cannot be used.
        EmptyStory: when a story or caption has no words.
    """
    from service.gather import request_of as request_of_options

    options = _options(item)
    try:
        return request_of_options(options, options)
    except click.UsageError as exc:
        raise BadInput(exc.message) from exc


def _options(item: Item) -> ScoreOptions:
    spec, base = item.asked, item.base
    return ScoreOptions(
        video=_at(base, spec.video),
        image=tuple(str(base / name) for name in spec.image),
        story=_text(base, spec.story),
        caption=_text(base, spec.caption),
        reference=_at(base, spec.reference),
        cue_sheet=_at(base, spec.cue_sheet),
        duration=spec.duration_s,
        cuts=_cuts(base, spec.cuts),
        fps=spec.fps,
        tempo=spec.tempo_bpm,
        key=spec.key,
        style=spec.style,
        chords=_text(base, spec.chords),
        melody=_at(base, spec.melody),
        loop=spec.loop,
        seed=spec.seed,
        weight=tuple(spec.weight.items()),
        quiet=True,
        out=f"{spec.id}.{spec.container}",
        stems=None,
        midi=None,
        report=None,
        picture=None,
        cues_out=None,
        takes=spec.takes,
        engine=spec.engine,
        follow=spec.follow,
        steps=spec.steps,
        lufs=spec.lufs,
        duck=spec.duck,
        soundfont=_at(base, spec.soundfont),
    )


def _at(base: Path, name: str | None) -> str | None:
    return None if name is None else str(base / name)


def _text(base: Path, text: str | None) -> str | None:
    return f"@{base / text[1:]}" if text is not None and text.startswith("@") else text


def _cuts(base: Path, cuts: str | tuple[float, ...] | None) -> str | None:
    return ",".join(map(str, cuts)) if isinstance(cuts, tuple) else _text(base, cuts)
