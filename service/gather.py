"""From the command line to a request: reads texts, cue sheets and markers, and checks what was given."""

from collections.abc import Mapping
from pathlib import Path

import click
from pydantic import ValidationError

from encoders.errors import EmptyStory, MediaTooLarge
from encoders.text import has_words, readable
from generators.score.chart import read_chart
from schemas.cue_sheet import CueCut, CueSheet
from schemas.request import MusicRequest
from schemas.source import (
    MAX_CAPTION_CHARACTERS,
    MAX_STORY_CHARACTERS,
    CaptionSource,
    ImageSource,
    ReferenceSource,
    Source,
    StorySource,
    VideoSource,
)
from service.errors import BadInput
from service.markers import read_cuts
from service.media.magic import MELODY_KINDS, Kind, kind_of, require
from service.media.probe import probe
from service.options import EditOptions, MoodOptions, ScoreOptions, SourceOptions
from service.outputs import Outputs

MAX_TEXT_BYTES = 2_000_000


def request_of(given: SourceOptions, score: ScoreOptions | None = None) -> MusicRequest:
    """The request that the options make.

    Raises:
        BadInput: when something that was given cannot be used.
        EmptyStory: when a story or caption has no words.
        InvalidChart: when chords cannot be read.
    """
    fields: dict[str, object] = {
        "sources": _sources(given),
        "cue_sheet": read_cue_sheet(Path(given["cue_sheet"])) if given["cue_sheet"] else None,
        "duration_s": given["duration"],
        "cuts": _cuts(given),
        "tempo_bpm": given["tempo"],
        "key": given["key"],
        "style": given["style"],
        "chords": _chart(None if given["chords"] is None else _read(given["chords"]).strip()),
        "melody": _melody(given["melody"]),
        "loop": given["loop"],
        "seed": given["seed"],
    }
    if score is not None:
        if score["soundfont"]:
            kind_of(Path(score["soundfont"]))  # a missing file shows now, not after the music is composed
        names = ("takes", "engine", "follow", "steps", "lufs", "duck", "soundfont")
        fields |= {name: score[name] for name in names}  # type: ignore[literal-required]
    try:
        return MusicRequest.model_validate(fields)
    except ValidationError as exc:
        raise BadInput(_first_fault(exc)) from exc


def edit_of(given: EditOptions, edit: Mapping[str, object]) -> MusicRequest:
    """The request that the options of an edit make; `edit` is what is to be done, as in JSON.

    Raises:
        BadInput: when something that was given cannot be used.
        EmptyStory: when a story or caption has no words.
    """
    require(Path(given["sound"]), Kind.AUDIO, Kind.VIDEO)
    fields = {
        "sound": given["sound"],
        "edit": edit,
        "sources": _moods(given, {}),
        "cue_sheet": read_cue_sheet(Path(given["cue_sheet"])) if given["cue_sheet"] else None,
        "seed": given["seed"],
        "steps": given["steps"],
    }
    try:
        return MusicRequest.model_validate(fields)
    except ValidationError as exc:
        raise BadInput(_first_fault(exc)) from exc


def outputs_of(given: ScoreOptions) -> Outputs:
    """The places for the results; a suffix that names no format is wrong usage."""
    places = {name: given[name] for name in ("stems", "midi", "report", "picture")}  # type: ignore[literal-required]
    paths = {name: Path(place) for name, place in places.items() if place}
    cues = Path(given["cues_out"]) if given["cues_out"] else None
    outputs = Outputs(Path(given["out"]), cue_sheet=cues, called="", **paths)
    if not outputs.is_known:
        raise click.UsageError(f"{outputs.out}: the suffix names no format; use .mp4, .mov, .wav, .flac, .mp3 or .ogg")
    if outputs.is_video and not given["video"]:
        raise click.UsageError(f"{outputs.out}: music can only go into a video when one is given; use .wav or give one")
    if given["duck"] and not outputs.is_video:
        raise click.UsageError("--duck mixes with the video's own sound; write .mp4 or .mov")
    return outputs


def read_cue_sheet(path: Path) -> CueSheet:
    """A cue sheet from a file.

    Raises:
        BadInput: naming the field that is wrong.
        InvalidChart: when its chords cannot be read.
    """
    try:
        sheet = CueSheet.model_validate_json(_bytes_of(path))
    except ValidationError as exc:
        raise BadInput(f"{path}: {_first_fault(exc)}") from exc
    _chart(sheet.chords)
    return sheet


def _sources(given: SourceOptions) -> tuple[Source, ...]:
    weights = dict(given["weight"])
    sources: list[Source] = []
    if given["video"]:
        require(Path(given["video"]), Kind.VIDEO)
        sources.append(VideoSource(path=given["video"], weight=weights.pop("video", 1.0)))
    sources += _moods(given, weights)
    if weights:
        kind = next(iter(weights))
        raise click.UsageError(f"--weight {kind}: there is no {kind} among the sources; give one or drop the weight")
    return tuple(sources)


def _moods(given: MoodOptions, weights: dict[str, float]) -> list[Source]:
    """What says what the music is to be like; the weights of it are taken out."""
    sources: list[Source] = []
    image_weight = weights.pop("image", 1.0) if given["image"] else 1.0
    for path in given["image"]:
        require(Path(path), Kind.IMAGE)
        sources.append(ImageSource(path=path, weight=image_weight))
    if given["story"] is not None:
        sources.append(StorySource(text=_text(given["story"], "story"), weight=weights.pop("story", 1.0)))
    if given["caption"] is not None:
        sources.append(CaptionSource(text=_text(given["caption"], "caption"), weight=weights.pop("caption", 1.0)))
    if given["reference"]:
        require(Path(given["reference"]), Kind.AUDIO, Kind.VIDEO)
        sources.append(ReferenceSource(path=given["reference"], weight=weights.pop("reference", 1.0)))
    return sources


def _melody(path: str | None) -> str | None:
    if path is not None:
        require(Path(path), *MELODY_KINDS)
    return path


def _cuts(given: SourceOptions) -> tuple[CueCut, ...] | None:
    if given["cuts"] is None:
        return None
    fps = given["fps"]
    if fps is None and given["video"] and given["cuts"].startswith("@"):
        fps = probe(Path(given["video"])).fps
    return read_cuts(given["cuts"], fps=fps)


def _chart(text: str | None) -> str | None:
    """The text of a chart, which can be read."""
    if text is not None:
        read_chart(text)
    return text


def _read(given: str) -> str:
    """A text, or with `@` before it what stands in a file."""
    if not given.startswith("@"):
        return given
    try:
        return _bytes_of(Path(given[1:])).decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise BadInput(f"{given[1:]}: is not a text file; save it as UTF-8 text") from exc


def _text(given: str, kind: str) -> str:
    """A story or caption as it can be read: emoji by their names, without marks that no reader sees."""
    text = _read(given)
    limit = MAX_STORY_CHARACTERS if kind == "story" else MAX_CAPTION_CHARACTERS
    if len(text) > limit:
        mend = "shorten it, or score its parts" if kind == "story" else "give what happens as --story"
        raise MediaTooLarge(f"the {kind} has {len(text):,} characters; at most {limit:,} are read: {mend}")
    if not has_words(text):
        raise EmptyStory(f"the {kind} has no words in it; write what happens, or leave --{kind} out")
    return readable(text)[:limit]


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise BadInput(f"{path}: is larger than {MAX_TEXT_BYTES // 1_000_000} MB; give a shorter text")
        return path.read_bytes()
    except OSError as exc:
        raise BadInput(f"{path}: cannot be read ({exc.strerror}); check the path") from exc


def _first_fault(error: ValidationError) -> str:
    """The first thing that a model refused, as a person would say it."""
    fault = error.errors()[0]
    where = ".".join(str(p) for p in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"unknown field {where!r}; remove it or correct its name"
    said = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {said} (not {fault['input']!r})" if where and fault["type"] != "value_error" else said
