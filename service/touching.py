"""Edits by the bundle's own audio engine: what is told of the music, frame by frame, and what is done to it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generators.score.score import ROLES, Role
from generators.waveform import Waveform
from schemas.edit import MAX_EDIT_S, Accompany, Edit, Extend, Repaint
from service.errors import BadInput
from service.parts import Touch

if TYPE_CHECKING:
    from generators.audio.conditions import Conditions
    from generators.audio.engine import AudioEngine

CURVES = ("energy", "density", "brightness", "accents")  # of the whole: which roles play is drawn, not planned
STEM_CURVES = ("accents",)  # of a part alone nothing else is known


def touched(engine: "AudioEngine", music: Waveform, touch: Touch, *, seed: int) -> Waveform:
    """Music at the codec's rate after an edit, or the further part of one that accompanies.

    Raises:
        InvalidAudio: the music is too short, or a span lies outside it.
    """
    from generators.audio.editing import accompany, extend, repaint

    edit, n_samples = touch.edit, length_after(touch.edit, music)
    told = conditions_for(touch, frames=engine.frames_for(n_samples), channels=engine.codec.channels)
    sampling = engine.sampling(steps=touch.steps, free=told.free)
    if isinstance(edit, Repaint):
        spans = [(span.start_s, span.end_s) for span in edit.spans]
        return repaint(engine, music, spans, told, seed=seed, sampling=sampling)
    if isinstance(edit, Extend):
        return extend(engine, music, n_samples, told, seed=seed, sampling=sampling)
    return accompany(engine, music, told, seed=seed, sampling=sampling)


def length_after(edit: Edit, music: Waveform) -> int:
    """How many samples the music has after an edit, at its own rate.

    Raises:
        BadInput: an extension that is no longer than the music, or too long.
    """
    there: int = music.samples.shape[1]
    if not isinstance(edit, Extend):
        return there
    length_s = music.duration_s + (edit.by_s or 0.0) if edit.length_s is None else edit.length_s
    n_samples = round(length_s * music.sample_rate)
    if n_samples <= there:
        raise BadInput(f"{length_s:g} s are no more than the {music.duration_s:g} s that are there; ask for more")
    if length_s > MAX_EDIT_S:
        raise BadInput(f"{length_s:g} s are too long to edit; stay below {MAX_EDIT_S:g} s")
    return n_samples


def conditions_for(touch: Touch, *, frames: int, channels: int) -> "Conditions":
    """Points, curves and beats at every latent frame; of a part that accompanies its role."""
    from generators.audio.conditions import FRAME_S, conditions, curves_of
    from generators.audio.roll import beat_roll

    values: dict[str, NDArray[np.float32]] = {}
    masks: dict[str, NDArray[np.bool_]] = {}
    alone = isinstance(touch.edit, Accompany)
    plan = touch.plan
    if plan is not None:
        curves, given = curves_of(plan.bars, plan.controls, frames=frames, frame_s=FRAME_S)
        names = [name for name in (STEM_CURVES if alone else CURVES) if name in curves]
        values = {name: curves[name] for name in names}
        masks = {name: given[name] for name in names}
        values["beats"] = beat_roll(plan.bars, plan.metre, frames=frames, frame_s=FRAME_S)
        masks["beats"] = np.asarray(values["beats"].any(axis=1))  # free beyond the plan
    if isinstance(touch.edit, Accompany):
        role = ROLES.index(Role(touch.edit.role))
        values["roles"] = np.tile(np.eye(len(ROLES), dtype=np.float32)[role], (frames, 1))
    at = np.arange(frames) * len(touch.points) // frames
    return conditions(values, masks, touch.points[at], frames=frames, channels=channels)
