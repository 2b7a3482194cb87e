"""One request, start to finish: sources are looked at once, then every take is composed, played and written."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from generators.score.score import Score
from schemas.options import refused_beside
from schemas.report import Report
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.brief import brief_of
from service.errors import BadInput
from service.looking import look
from service.outputs import Outputs
from service.parts import Ask, Parts, Sounding, Sung, Voice
from service.progress import Progress, Stages
from service.report import Take, report_of
from service.sight import Points
from service.staging import Staging
from service.writing import Writer, claim

STAGES_ONCE, STAGES_A_TAKE = 2, 5


Scoring = Generator[Ask, Score, tuple[Report, ...]]


def run(request: MusicRequest, outputs: Outputs, parts: Parts, progress: Progress) -> tuple[Report, ...]:
    """Make every take of a request; all outputs appear at the end, or none of them."""
    ((_, made),) = run_together([scoring(request, outputs, parts, progress)], parts)
    if isinstance(made, Exception):
        raise made
    return made


def run_together(scorings: Sequence[Scoring], parts: Parts) -> Iterator[tuple[int, tuple[Report, ...] | Exception]]:
    """Make several requests, with one call of the flow for all that wait for notes; yields (index, reports or error).

    What goes wrong in one of them is its own result and no other's.
    """
    answers: dict[int, Score | Exception | None] = dict.fromkeys(range(len(scorings)))
    while answers:
        asks: dict[int, Ask] = {}
        for i, answer in answers.items():
            try:
                asks[i] = _advance(scorings[i], answer)
            except StopIteration as done:
                yield i, done.value
            except Exception as exc:
                yield i, exc
        answers = dict(zip(asks, _composed(list(asks.values()), parts), strict=True))


def scoring(request: MusicRequest, outputs: Outputs, parts: Parts, progress: Progress) -> Scoring:
    """One request from its sources to its files; yields what it asks of the flow and is sent the notes."""
    stages = Stages(progress, STAGES_ONCE + STAGES_A_TAKE * request.takes)
    with Staging() as staging, stages:
        check(request, outputs, parts)
        claim(outputs, request.takes, staging)
        looked = look(request, parts, stages, into_video=outputs.is_video)
        if outputs.picture is None:
            looked = looked.without_frames()
        reports = []
        for number in range(1, request.takes + 1):
            places = outputs.take(number, request.takes)
            writer = Writer(request, looked, places, staging, parts.bundle)
            report = yield from _take(request.seed + number - 1, writer, parts, stages)
            if places.report is not None:
                writer.json(places.report, report)
            reports.append(report)
        staging.publish()
    return tuple(reports)


def check(request: MusicRequest, outputs: Outputs, parts: Parts) -> None:
    """Whether the engine that is asked for is there, and can make what is asked for.

    Raises:
        BadInput: saying what to do about it.
    """
    if request.engine == "audio":
        _check_voice(request, parts)
    notes = outputs.midi is not None or outputs.picture is not None
    why = refused_beside(request.engine, request.follow, stems=outputs.stems is not None, notes=notes)
    if why is not None:
        raise BadInput(why)


def _check_voice(request: MusicRequest, parts: Parts) -> None:
    voice = voice_of(parts)
    if request.follow not in voice.follows:
        raise BadInput(f"this model cannot follow the {request.follow}; ask to follow {', '.join(voice.follows)}")
    if request.loop and not voice.loops:
        raise BadInput("this model cannot make loops; leave loop out, or use the score engine")


def voice_of(parts: Parts) -> Voice:
    """What the audio engine can do; raises BadInput where there is none."""
    if parts.voice is None:
        raise BadInput(
            f"{parts.bundle} has no weights for the audio engine; leave the engine out, name a bundle that has them in "
            "TONEREEL_BUNDLE or a published model in TONEREEL_AUDIO_MODEL, or train some with `training.audio`"
        )
    return parts.voice


def write_cues(request: MusicRequest, out: Path, parts: Parts, progress: Progress) -> Path:
    """Analyse only: the cue sheet that `run` would follow."""
    stages = Stages(progress, STAGES_ONCE)
    with Staging() as staging, stages:
        staging.path(out)
        looked = look(request, parts, stages)
        Writer(request, looked, Outputs(out), staging, parts.bundle).json(out, looked.sheet)
        staging.publish()
    return out


def _take(seed: int, writer: Writer, parts: Parts, stages: Stages) -> Generator[Ask, Score, Report]:
    """One take: plan, compose, play, give it sound, write it."""
    request, looked = writer.request, writer.looked
    with stages.stage("plan"):
        tune = looked.melody.tune if looked.melody else None
        plan = parts.plan(brief_of(looked.sheet, seed=seed, tune=tune))
        points = looked.sight.points_over([(b.start_s, b.end_s) for b in plan.bars], plan.duration_s)
    with stages.stage("compose"):
        score = yield Ask(plan, points, seed, request.steps)
        performance = parts.perform(score, plan, seed=seed)
    with stages.stage("render"):
        sounding = Sounding(request.lufs, request.soundfont, writer.wants_stems, _sung(request, points))
        mix = parts.render(performance, plan, sounding, seed=seed)
        sound = writer.sound_of(mix)
    with stages.stage("listen"):
        point = parts.heard(mix.mix)
        take = Take(seed, plan, mix, sound, point, parts.describe(point))
    with stages.stage("write"):
        take = replace(take, artifacts=writer.write(take, performance))
    told = (parts.voice.remark,) if request.engine == "audio" and parts.voice else ()
    return report_of(take, looked, stages, engine=request.engine, bundle=parts.bundle, remarks=told)


def _sung(request: MusicRequest, points: Points) -> Sung | None:
    if request.engine != "audio":
        return None
    captions = [source.text for source in request.sources if isinstance(source, CaptionSource)]
    return Sung(points, request.steps, request.follow, "; ".join(captions) or None)


def _advance(scoring: Scoring, answer: Score | Exception | None) -> Ask:
    """Go on with notes, with what went wrong, or (None) at the start; raises StopIteration with the reports."""
    if isinstance(answer, Exception):
        return scoring.throw(answer)
    return next(scoring) if answer is None else scoring.send(answer)


def _composed(asks: list[Ask], parts: Parts) -> list[Score | Exception]:
    """Notes for all; where that fails, each alone, so that only the culprit fails."""
    try:
        return [*parts.compose(asks)] if asks else []
    except Exception as exc:
        return [exc] if len(asks) == 1 else [one for ask in asks for one in _composed([ask], parts)]
