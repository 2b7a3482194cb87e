"""Aligned clips as the flow reads them: latents of mix, stem and rest, and what is told of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from encoders.clap import Clap
from generators.audio.codec import CODEC_FILE, AudioCodec
from generators.audio.conditions import FRAME_S, WIDTHS, Conditions, Played, conditions, curves_of
from generators.audio.engine import Codec
from generators.audio.roll import score_roll
from generators.audio.sketch import Orchestra
from generators.audio.timbre import TIMBRES_FILE, Timbres, load_timbres
from generators.audio.tuning import Tuning
from generators.audio.vae import MelVae, MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig
from generators.flow.checkpoint import load_module
from generators.score.controls import WIDTHS as CONTROL_WIDTHS
from generators.score.controls import Controls
from generators.score.performance import Performance
from generators.score.score import ROLES, Metre
from generators.score.style import STYLES
from generators.waveform import Waveform
from training.audio.aligned import FULL, SAMPLE_RATE, Aligned, from_pool, load_aligned
from training.audio.crew import Crew
from training.audio.pool import INDEX, load_pool
from training.pieces import Piece, load_pieces

STEM_CURVES = ("energy", "density", "brightness")  # of the whole mix: nothing is known of a stem's


@dataclass(frozen=True)
class Told:
    """A clip for training: `sound` float16 [3 T C] (mix, stem, rest), `clap` [D], the role of the stem or -1.

    values uint8 [2 T WIDTH] in 1/255 (of the mix, of the stem), masks bool [2 T len(WIDTHS)].
    """

    sound: NDArray[np.float16]
    values: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    clap: NDArray[np.float16]
    stem_role: int


def encoder(folder: Path) -> AudioCodec:
    """The codec of a folder for encoding alone: it needs no trained vocoder."""
    vae = load_module(folder / CODEC_FILE, MelVae, MelVaeConfig)
    mel = vae.config.mel
    config = VocoderConfig(bands=mel.bands, hop=mel.hop, n_fft=mel.n_fft, sample_rate=mel.sample_rate)
    return AudioCodec(vae, Vocoder(config))


def encoded(clip: Aligned, codec: Codec, timbres: Timbres) -> Told:
    """The latents and conditions of a clip; `timbres` are those of the instruments that play in it."""
    rest = clip.mix.astype(np.int32) - clip.stem
    sounds = [_latents(samples, codec) for samples in (clip.mix, clip.stem, rest)]
    performance = clip.performance()
    told = [told_of(clip, performance, len(sounds[0]), timbres)]
    if clip.stem_role >= 0:
        role = ROLES[clip.stem_role]
        alone = Performance(performance.duration_s, {role: performance.parts.get(role, ())}, performance.loop)
        values, masks = told_of(clip, alone, len(sounds[0]), timbres)
        values["roles"] = np.tile(np.eye(len(ROLES), dtype=np.float32)[clip.stem_role], (len(sounds[0]), 1))
        masks |= {name: np.zeros(len(sounds[0]), bool) for name in STEM_CURVES}
        told.append((values, masks))
    both = told if len(told) == 2 else [*told, *told]
    values_255 = [np.concatenate([np.round(255.0 * v[name]) for name in WIDTHS], axis=1) for v, _ in both]
    masks_ = [np.stack([m.get(name, np.ones(len(sounds[0]), bool)) for name in WIDTHS], axis=1) for _, m in both]
    return Told(
        np.stack(sounds).astype(np.float16),
        np.clip(np.stack(values_255), 0, 255).astype(np.uint8),
        np.stack(masks_),
        clip.clap.astype(np.float16),
        clip.stem_role,
    )


def save_told(path: Path, told: Told) -> None:
    """Write a clip, packed, at once or not at all."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        arrays: dict[str, Any] = {f.name: np.asarray(getattr(told, f.name)) for f in fields(told)}
        np.savez_compressed(file, **arrays)
    partial.replace(path)


def load_told(path: Path) -> Told:
    """Read what `save_told` wrote."""
    with np.load(path) as held:
        told = Told(**{name: held[name] for name in held.files})
    return replace(told, stem_role=int(told.stem_role))


@dataclass(frozen=True)
class Kit:
    """What clips are encoded with."""

    codec: Codec
    timbres: Timbres
    clap: Clap


def kit_of(folder: Path, clap: Path) -> Kit:
    """The codec and the timbres of a folder, and a tower from its file."""
    return Kit(encoder(folder), load_timbres(folder / TIMBRES_FILE), Clap.load(clap, [s.value for s in STYLES]))


@dataclass(frozen=True)
class _Pooled:
    """A clip of a pool, its piece, and where it is to be written encoded."""

    pool: Path
    number: int
    piece: Piece
    out: Path


def encode_all(aligned: Path, out: Path, crew: Crew[Kit]) -> int:
    """Encode the clips of a folder that are not there yet; returns how many are."""
    out.mkdir(parents=True, exist_ok=True)
    missing = [(path, out / path.name) for path in sorted(aligned.glob("*.npz")) if not (out / path.name).exists()]
    for _ in tqdm(crew.map(_encode, missing), total=len(missing), desc=str(out), mininterval=20.0):
        pass
    return len(list(out.glob("*.npz")))


def encode_pool(folder: Path, out: Path, crew: Crew[Kit], *, corpus: Path) -> int:
    """Encode the clips of the codec's pool in the same way; `folder` is named after its split."""
    if not (folder / INDEX).exists():
        return 0
    out.mkdir(parents=True, exist_ok=True)
    pool = load_pool(folder)
    paths = [out / f"pool-{i:05}.npz" for i in range(len(pool.origins))]
    missing = [i for i, path in enumerate(paths) if not path.exists()]
    rows = [pool.origins[i].piece for i in missing]
    pieces = load_pieces(corpus, splits=frozenset({folder.name}), rows=rows) if rows else []
    asked = [_Pooled(folder, i, piece, paths[i]) for i, piece in zip(missing, pieces, strict=True)]
    for _ in tqdm(crew.map(_encode_pooled, asked), total=len(asked), desc=f"{out} (pool)", mininterval=20.0):
        pass
    return len(pool.origins)


def _encode(kit: Kit, paths: tuple[Path, Path]) -> None:
    clip, out = paths
    save_told(out, encoded(load_aligned(clip), kit.codec, kit.timbres))


def _encode_pooled(kit: Kit, asked: _Pooled) -> None:
    clip = from_pool(load_pool(asked.pool), asked.number, asked.piece, kit.clap)
    save_told(asked.out, encoded(clip, kit.codec, kit.timbres))


def load_all(folder: Path, *, least: int) -> list[Told]:
    """Every encoded clip of a folder that has `least` frames, in order."""
    found: Iterable[Told] = (load_told(path) for path in sorted(folder.glob("*.npz")))
    return [told for told in found if told.sound.shape[1] >= least]


def told_of(
    clip: Aligned, performance: Performance, frames: int, timbres: Timbres
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.bool_]]]:
    """Values [T width] and masks [T] of a clip; places outside its bars are free, not those of the roll."""
    splits = np.cumsum(list(CONTROL_WIDTHS.values()))[:-1]
    columns = np.split(clip.controls, splits, axis=1)
    controls = Controls(dict(zip(CONTROL_WIDTHS, columns, strict=True)))
    values, masks = curves_of(clip.grid(), controls, frames=frames, frame_s=FRAME_S)
    metre = Metre(clip.metre)
    values |= score_roll(performance, clip.grid(), metre, frames=frames, frame_s=FRAME_S)
    values["sketch"] = Orchestra(clip.palette(), timbres).sketch(performance, frames=frames, frame_s=FRAME_S)
    return values, masks


def conditions_of_clip(clip: Aligned, timbres: Timbres, *, frames: int, channels: int) -> Conditions:
    """All that is known of a clip: curves, score, who plays, and the point of its sound."""
    values, masks = told_of(clip, clip.performance(), frames, timbres)
    return conditions(values, masks, clip.clap, frames=frames, channels=channels)


def tuning_of_clip(clip: Aligned, timbres: Timbres, *, frames: int) -> Tuning | None:
    """How the phases of what is played in a clip turn."""
    played = Played(clip.performance(), orchestra=Orchestra(clip.palette(), timbres))
    return played.tuning(frames=frames, frame_s=FRAME_S)


def _latents(samples: NDArray[np.integer], codec: Codec) -> NDArray[np.float32]:
    return codec.encode(Waveform((samples / FULL).astype(np.float32), SAMPLE_RATE))
