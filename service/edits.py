"""One edit, start to finish: music that is there is read, changed by the audio engine, and otherwise left as it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from generators.score.plan.brief import Plan
from generators.waveform import Waveform
from schemas.edit import MAX_EDIT_S, Accompany, Edit, Extend, Repaint
from schemas.report import ArtifactReport
from schemas.request import MusicRequest
from service.brief import brief_of
from service.errors import BadInput, BadMedia
from service.looking import remarks_on, understood
from service.media.audio_file import write_audio
from service.media.formats import AUDIO_SUFFIXES
from service.media.probe import probe
from service.media.reading import read_audio
from service.media.tags import Tags
from service.outputs import Outputs
from service.parts import Parts, Touch
from service.pipeline import voice_of
from service.progress import Progress, Stages
from service.report import artifact
from service.sight import Points
from service.singing import RATE
from service.staging import Staging
from service.touching import length_after

STAGES = 4
LOWEST_RATE, HIGHEST_RATE = 8_000, 96_000
SEAM_S = 0.02  # of the cross-fades that the engine makes
POINT_S = 1.0  # a CLAP point each second is told
SHEET_SLACK_S = 0.1  # between the durations of a piece and of its cue sheet


@dataclass(frozen=True)
class Edited:
    """What was written, and what there is to know of it."""

    artifacts: tuple[ArtifactReport, ...]
    remarks: tuple[str, ...]


def edit_sound(request: MusicRequest, outputs: Outputs, parts: Parts, progress: Progress) -> Edited:
    """Edit the sound of a request; outside the change a WAV or FLAC file has the samples that were there, to 24 bits.

    Raises:
        BadInput: the edit does not fit the sound, or there is no engine that can make it.
        BadMedia: the sound cannot be read.
        InvalidAudio: the sound is too short.
    """
    if request.edit is None or request.sound is None:
        raise BadInput("there is no sound, or nothing says how to edit it; give both")
    stages = Stages(progress, STAGES)
    with Staging() as staging, stages:
        remark = _check(outputs, parts)
        places = _places(request.edit, outputs)
        parted = {final: staging.path(final) for final in places}
        with stages.stage("look"):
            music, odd = read_music(Path(request.sound))
            music = begun(request.edit, music)
            check_fit(request.edit, music)
        with stages.stage("understand"):
            heard = _at_rate(music, RATE)
            touch = Touch(request.edit, _points(request, heard, parts), request.steps, _plan(request, music, parts))
        with stages.stage("render"):
            made = parts.edited(heard, touch, seed=request.seed)
            waves, lowered = _finished(request.edit, music, made)
        with stages.stage("write"):
            tags = Tags(outputs.title, request.seed, parts.bundle, edited=True)
            for (final, part), wave in zip(parted.items(), waves, strict=True):
                write_audio(part, wave, tags, suffix=final.suffix)
            kinds = ("audio", "stem")
            written = tuple(artifact(k, f, p) for k, (f, p) in zip(kinds, parted.items(), strict=False))
        staging.publish()
    remarks = (*odd, *remarks_on(request.sources), *lowered, remark)
    return Edited(written, remarks)


def read_music(path: Path) -> tuple[Waveform, tuple[str, ...]]:
    """The sound of a file as stereo at its own rate, each sample as it is there, and what to know of it.

    Raises:
        BadInput: it is too long or at a rate that is not edited.
        BadMedia: it is no sound, or damaged.
    """
    seen = probe(path)
    if seen.audio_codec is None or seen.sample_rate is None:
        raise BadMedia(f"{path}: has no sound in it; give a file with audio")
    if not LOWEST_RATE <= seen.sample_rate <= HIGHEST_RATE:
        raise BadInput(
            f"{path}: has {seen.sample_rate} samples a second, which is not edited; resample it to "
            f"{LOWEST_RATE} to {HIGHEST_RATE}"
        )
    music = read_audio(path, sample_rate=seen.sample_rate, max_duration_s=MAX_EDIT_S + 1.0, mono_twice=True)
    if music.duration_s > MAX_EDIT_S:
        raise BadInput(f"{path}: is longer than {MAX_EDIT_S:g} s; cut out the part that is to change")
    mixed = f"the {seen.channels} channels of the sound were mixed down to two"
    return music, (mixed,) if (seen.channels or 2) > 2 else ()


def begun(edit: Edit, music: Waveform) -> Waveform:
    """The music up to where an extension goes on from; all of it for other edits.

    Raises:
        BadInput: that lies beyond its end.
    """
    if not isinstance(edit, Extend) or edit.from_s is None:
        return music
    n_samples = round(edit.from_s * music.sample_rate)
    if n_samples > music.samples.shape[1]:
        raise BadInput(f"{edit.from_s:g} s lies beyond the end of the sound at {music.duration_s:.3f} s; go on earlier")
    return Waveform(music.samples[:, :n_samples].copy(), music.sample_rate)


def check_fit(edit: Edit, music: Waveform) -> None:
    """Whether an edit is possible in music that is so long.

    Raises:
        BadInput: a span lies outside it, or an extension is no longer than it.
    """
    length_after(edit, music)
    for span in edit.spans if isinstance(edit, Repaint) else ():
        if span.end_s > music.duration_s + 0.5 / music.sample_rate:
            raise BadInput(
                f"the span {span.start_s:g} to {span.end_s:g} s lies outside the sound, which ends at "
                f"{music.duration_s:.3f} s; end it there or earlier"
            )


def _check(outputs: Outputs, parts: Parts) -> str:
    """The remark of an engine that is there and can edit."""
    voice = voice_of(parts)
    if not voice.edits:
        raise BadInput(
            "the published model that TONEREEL_AUDIO_MODEL names cannot edit; unset it, and the bundle's own audio "
            "engine does"
        )
    if outputs.out.suffix.lower() not in AUDIO_SUFFIXES:
        raise BadInput(f"{outputs.out}: an edit writes sound; use one of {', '.join(AUDIO_SUFFIXES)}")
    return voice.remark


def _places(edit: Edit, outputs: Outputs) -> tuple[Path, ...]:
    """Where the music goes, and the further part of an edit that accompanies."""
    if not isinstance(edit, Accompany):
        return (outputs.out,)
    return outputs.out, outputs.out.with_name(f"{outputs.out.stem}-{edit.role}.wav")


def _points(request: MusicRequest, heard: Waveform, parts: Parts) -> Points:
    """Points evenly over what comes out: of the sources, or, without any, of the music itself."""
    sources = [source for source in request.sources if source.weight > 0]
    if not sources or request.edit is None:
        return np.asarray(parts.heard(heard)[None])
    duration_s = length_after(request.edit, heard) / heard.sample_rate
    edges = np.linspace(0.0, duration_s, max(2, math.ceil(duration_s / POINT_S) + 1)).tolist()
    sight = understood(sources, parts, seed=request.seed)
    return sight.points_over(list(pairwise(edges)), duration_s)


def _plan(request: MusicRequest, music: Waveform, parts: Parts) -> Plan | None:
    """The plan of the cue sheet that the music was made from, where it is given."""
    sheet = request.cue_sheet
    if sheet is None:
        return None
    if not isinstance(request.edit, Extend) and abs(sheet.duration_s - music.duration_s) > SHEET_SLACK_S:
        raise BadInput(
            f"the cue sheet is for {sheet.duration_s:g} s, the sound lasts {music.duration_s:.3f} s; give the sheet "
            "that it was made from"
        )
    return parts.plan(brief_of(sheet, seed=request.seed))


def _finished(edit: Edit, music: Waveform, made: Waveform) -> tuple[tuple[Waveform, ...], tuple[str, ...]]:
    """What is written, at the music's own rate, and what to know of it: the music, with what is new in it or beside."""
    fine = _at_rate(made, music.sample_rate, length_after(edit, music))
    if isinstance(edit, Accompany):
        mix, lowered_db = _mixed(music, fine)
        said = f"the mix was lowered by {lowered_db:.1f} dB, so that it does not clip"
        return (mix, fine), (said,) if lowered_db else ()
    return (_put_in(music, fine, _changed(edit, music)),), ()


def _changed(edit: Edit, music: Waveform) -> list[tuple[int, int]]:
    """Where there are new samples, cross-fades included."""
    rate, there = music.sample_rate, music.samples.shape[1]
    if isinstance(edit, Repaint):
        return [(math.floor(s.start_s * rate), min(math.ceil(s.end_s * rate), there)) for s in edit.spans]
    return [(there - round(SEAM_S * rate), length_after(edit, music))]


def _put_in(music: Waveform, fine: Waveform, spans: Sequence[tuple[int, int]]) -> Waveform:
    """The music with spans of what was made, whose peaks are brought below the ceiling."""
    from generators.render.master import limit

    seam = round(SEAM_S * music.sample_rate)
    limit(fine.samples, fine.sample_rate, [(first + seam, last - seam) for first, last in spans])
    out = np.zeros_like(fine.samples)
    there = min(music.samples.shape[1], out.shape[1])
    out[:, :there] = music.samples[:, :there]
    for first, last in spans:
        out[:, first:last] = fine.samples[:, first:last]
    return Waveform(out, music.sample_rate)


def _mixed(music: Waveform, part: Waveform) -> tuple[Waveform, float]:
    """The music and a further part together, and by how many dB both were lowered because their peaks add up."""
    from generators.render.master import CEILING_DBTP, true_peaks

    mix = music.samples + part.samples
    own, together = (float(true_peaks(samples).max()) for samples in (music.samples, mix))
    most = max(10.0 ** (CEILING_DBTP / 20.0), min(own, 1.0))
    if together <= most:
        return Waveform(mix, music.sample_rate), 0.0
    return Waveform(mix * np.float32(most / together), music.sample_rate), 20.0 * math.log10(together / most)


def _at_rate(wave: Waveform, rate: int, n_samples: int | None = None) -> Waveform:
    """The same sound at another rate, to a number of samples exactly; a copy in any case."""
    from scipy.signal import resample_poly

    samples = wave.samples
    if wave.sample_rate != rate:
        common = math.gcd(rate, wave.sample_rate)
        samples = resample_poly(samples, rate // common, wave.sample_rate // common, axis=1).astype(np.float32)
    n_samples = samples.shape[1] if n_samples is None else n_samples
    exact = np.zeros((2, n_samples), np.float32)
    exact[:, : samples.shape[1]] = samples[:, :n_samples]
    return Waveform(exact, rate)
