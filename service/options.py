"""The options that the commands share, and what the commands get from them."""

from collections.abc import Callable
from typing import TypedDict, TypeVar, get_args

import click

from schemas.music import EngineName, FollowName, StyleName
from schemas.options import STEPS
from schemas.source import SourceKind

MAX_SEED = 2**31 - 1
Command = TypeVar("Command", bound=Callable[..., object])


class MoodOptions(TypedDict):
    """What the options give that say what music is to be like."""

    image: tuple[str, ...]
    story: str | None
    caption: str | None
    reference: str | None


class SourceOptions(MoodOptions):
    """What the options of `source_options` give."""

    video: str | None
    cue_sheet: str | None
    duration: float | None
    cuts: str | None
    fps: float | None
    tempo: float | None
    key: str | None
    style: str | None
    chords: str | None
    melody: str | None
    loop: bool
    seed: int
    weight: tuple[tuple[str, float], ...]
    quiet: bool


class ScoreOptions(SourceOptions):
    """What the options of `tonereel score` give."""

    out: str
    stems: str | None
    midi: str | None
    report: str | None
    picture: str | None
    cues_out: str | None
    takes: int
    engine: str
    follow: str
    steps: int
    lufs: float
    duck: bool
    soundfont: str | None


class CuesOptions(SourceOptions):
    """What the options of `tonereel cues` give."""

    out: str


class EditOptions(MoodOptions):
    """What the options of `edit_options` give."""

    sound: str
    out: str
    cue_sheet: str | None
    seed: int
    steps: int
    quiet: bool


class KindWeight(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A source's weight, written as kind=number."""

    name = "kind=number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Split and check one weight."""
        kind, _, number = str(value).partition("=")
        if kind not in get_args(SourceKind):
            self.fail(f"{kind!r} is no kind of source; use one of {', '.join(get_args(SourceKind))}", param, ctx)
        try:
            weight = float(number)
        except ValueError:
            self.fail(f"{number!r} is not a number; write for example {kind}=0.7", param, ctx)
        if not 0 <= weight <= 1000:
            self.fail(f"{number} is not between 0 and 1000", param, ctx)
        return kind, weight


_MOODS = (
    click.option("--image", multiple=True, metavar="FILE", help="A picture to score; may be given more than once."),
    click.option("--story", metavar="TEXT|@FILE", help="A text whose course the music follows."),
    click.option("--caption", metavar="TEXT", help="What the music should be like: 'calm piano, 70 bpm, D minor'."),
    click.option("--reference", metavar="AUDIO", help="Audio whose mood the music should share."),
)
_SEED = click.option(
    "--seed", type=click.IntRange(0, MAX_SEED), default=0, show_default=True, help="Another seed, other music."
)
_STEPS = click.option(
    "--steps", type=click.IntRange(1, 200), default=STEPS, show_default=True, help="Steps of the sampler."
)
_QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
_SOURCES = (
    click.argument("video", required=False),
    *_MOODS,
    click.option("--cue-sheet", metavar="FILE.json", help="A cue sheet by `tonereel cues`, edited or not."),
    click.option("--duration", type=float, metavar="S", help="Length in seconds; a video's own length if not given."),
    click.option("--cuts", metavar="LIST|@FILE", help="Moments to meet: 1.2,3.4 or @markers.edl, .otio or .csv."),
    click.option("--fps", type=click.FloatRange(1, 240), help="Frame rate of timecodes; the video's if not given."),
    click.option("--tempo", type=float, metavar="BPM", help="Felt beats a minute, 40 to 200."),
    click.option("--key", metavar="KEY", help="For example 'D minor' or 'Bb major'."),
    click.option("--style", type=click.Choice(get_args(StyleName)), help="Style of the music, if not the picture's."),
    click.option(
        "--chords",
        metavar="CHART|@FILE",
        help="Harmony, repeated: 'Am F C G' or '| Am | F G |'; 'b: F C' is for form b.",
    ),
    click.option(
        "--melody", metavar="FILE", help="A tune for the lead: MIDI, or a recording of it hummed or whistled."
    ),
    click.option("--loop", is_flag=True, help="Make music that runs around without a seam."),
    _SEED,
    click.option("--weight", type=KindWeight(), multiple=True, help="How much a kind of source counts: video=0.7."),
    _QUIET,
)
_RESULTS = (
    click.option("-o", "--out", required=True, metavar="OUT", help="OUT.mp4, .mov, .wav, .flac, .mp3, .ogg or .opus."),
    click.option("--stems", metavar="DIR", help="Also write every part's sound to a folder."),
    click.option("--midi", metavar="FILE.mid", help="Also write the score as MIDI."),
    click.option("--report", metavar="FILE.json", help="Also write what was made and how well it fits."),
    click.option("--picture", metavar="FILE.png", help="Also draw the score under the picture's shots."),
    click.option("--cues-out", metavar="FILE.json", help="Also write the cue sheet that the music was made from."),
    click.option("--takes", type=click.IntRange(1, 16), default=1, show_default=True, help="Versions to make."),
    click.option(
        "--engine",
        type=click.Choice(get_args(EngineName)),
        default="score",
        show_default=True,
        help="What makes the sound: instruments that play the score, or a flow that makes audio from it.",
    ),
    click.option(
        "--follow",
        type=click.Choice(get_args(FollowName)),
        default="score",
        show_default=True,
        help="What of the score the audio engine keeps to.",
    ),
    _STEPS,
    click.option("--lufs", type=click.FloatRange(-40, -6), default=-14.0, show_default=True, help="Loudness."),
    click.option("--duck", is_flag=True, help="Keep the video's own sound and lower the music under it."),
    click.option("--soundfont", metavar="FILE.sf2", help="Play on instruments of your own."),
)
_EDITS = (
    click.argument("sound"),
    click.option("-o", "--out", required=True, metavar="OUT", help="OUT.wav, .flac, .mp3, .ogg or .opus."),
    *_MOODS,
    click.option(
        "--cue-sheet",
        metavar="FILE.json",
        help="The cue sheet that SOUND was made from: its beats and curves are kept.",
    ),
    _SEED,
    _STEPS,
    _QUIET,
)


def source_options(command: Command) -> Command:
    """Add the options that say what to score."""
    for option in reversed(_SOURCES):
        command = option(command)
    return command


def edit_options(command: Command) -> Command:
    """Add the options that say which sound to edit, in which mood, and where it goes."""
    for option in reversed(_EDITS):
        command = option(command)
    return command


def result_options(command: Command) -> Command:
    """Add the options that say what to write."""
    for option in reversed(_RESULTS):
        command = option(command)
    return command
