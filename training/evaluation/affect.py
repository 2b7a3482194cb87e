"""Whether music for a text or a picture feels as that does, by measures that took no part in training."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from benchmarks.table import Cell, Section, table, verdict
from encoders.mel import SAMPLE_RATE, mono
from generators.waveform import Waveform
from schemas.request import MusicRequest
from schemas.source import ImageSource, StorySource
from training.affect import read_bass, spearman
from training.evaluation.hearing import NAMES, Cues, arousal_of, cues_of, valence_of
from training.evaluation.intervals import Interval, bootstrap, shuffled
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.scenes.rated import load_rated

if TYPE_CHECKING:
    from training.tagger import Tagger

DIMENSIONS = ("valence", "arousal")
BARS = {"story": {"valence": 0.5, "arousal": 0.5}, "image": {"valence": 0.35, "arousal": 0.40}}
CONTROL = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """A text, or the path of a picture, with its ratings in 0..1."""

    kind: str
    what: str
    valence: float
    arousal: float

    def request(self, duration_s: float, seed: int) -> MusicRequest:
        """What a user would ask."""
        source = StorySource(text=self.what) if self.kind == "story" else ImageSource(path=self.what)
        return MusicRequest(sources=(source,), duration_s=duration_s, seed=seed)


@dataclass(frozen=True)
class Heard:
    """Music made for what was wanted: its cues; valence and arousal by CLAP, and by the tagger if there is one."""

    wanted: Wanted
    cues: Cues
    clap: tuple[float, float]
    tagger: tuple[float, float] | None


def sentences(count: int, *, seed: int) -> list[Wanted]:
    """Rated sentences of the test split, which nothing was trained or tuned on."""
    rated = [r for r in load_rated() if r.split == "test"]
    rows = np.sort(np.random.default_rng(seed).permutation(len(rated))[:count])
    return [Wanted("story", rated[i].text, rated[i].valence, rated[i].arousal) for i in rows]


def silhouettes(archive: Path, folder: Path, count: int, *, seed: int) -> list[Wanted]:
    """Pictures of BASS (Lukács et al., CC-BY 4.0), laid into `folder`, with their ratings by people."""
    rated = read_bass(archive)
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for i in np.sort(np.random.default_rng(seed).permutation(len(rated.names))[:count]):
        path = folder / Path(rated.names[i]).name
        Image.fromarray(rated.pictures[i]).save(path)
        valence, arousal = ((rated.ratings[i] - 1.0) / 8.0).tolist()  # the study's scale is 1 to 9
        out.append(Wanted("image", str(path), valence, arousal))
    return out


def measure_story(material: Material) -> Report:
    """Story to music."""
    wanted = sentences(material.amounts.sentences, seed=material.seed)
    told = (
        f"{len(wanted)} rated sentences (`training/scenes/rated.toml`, test split; the ratings are one reader's "
        "careful judgement, not a published set)"
    )
    return _report("affect_story", "Affect: from a story to its music", told, heard(material, wanted))


def measure_image(material: Material) -> Report:
    """Image to music.

    Raises:
        FileNotFoundError: no rated pictures were named.
    """
    if material.pictures is None:
        raise FileNotFoundError("no rated pictures; name the archive with --pictures")
    wanted = silhouettes(material.pictures, material.cache / "pictures", material.amounts.pictures, seed=material.seed)
    told = (
        f"{len(wanted)} silhouettes of BASS with the mean ratings of two groups of some hundred viewers (Lukács et "
        "al., CC-BY 4.0): black shapes without colour or light, the only human-rated pictures at hand"
    )
    return _report("affect_image", "Affect: from a picture to its music", told, heard(material, wanted))


def heard(material: Material, wanted: Sequence[Wanted]) -> list[Heard]:
    """Make, or take from the cache, the music for each, and measure it."""
    tagger = _tagger(material)
    out = []
    for number, one in enumerate(tqdm(wanted, desc=wanted[0].kind, mininterval=20.0)):
        wave = music(material, one, seed=material.seed + number)
        tags = None if tagger is None else tagger.tags(wave)
        read = material.read(embedded(material, wave)[None])[0]
        out.append(
            Heard(
                one,
                _cues(material, one, wave, seed=material.seed + number),
                (float(read[3]), float(read[4])),
                None if tags is None else (tags.valence, tags.arousal),
            )
        )
    return out


def music(material: Material, wanted: Wanted, *, seed: int) -> Waveform:
    """Its music, mono at the rate of the judges, kept in the cache."""
    path = material.cache / "music" / f"{_key(material, wanted, seed)}.npy"
    if not path.exists():
        made = material.product.make(wanted.request(material.amounts.seconds, seed))
        samples = mono(made.samples, made.sample_rate)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, (32767.0 * samples.clip(-1.0, 1.0)).astype(np.int16))
        partial.replace(path)
    return Waveform((np.load(path).astype(np.float32) / 32767.0)[None], SAMPLE_RATE)


def embedded(material: Material, wave: Waveform) -> NDArray[np.float32]:
    """Its point [D] in the bundle's CLAP space."""
    from encoders.clap import Clap
    from generators.score.style import STYLES

    return Clap(material.net, [s.value for s in STYLES]).embed_audio(wave.samples, wave.sample_rate)


def correlation(rows: Sequence[Heard], dimension: str, by: str) -> tuple[Floats, Floats]:
    """What was wanted and what is heard of a dimension, by the cues of `hearing`, by CLAP or by the tagger."""
    asked = np.array([getattr(h.wanted, dimension) for h in rows])
    if by == "cues":
        return asked, {"valence": valence_of, "arousal": arousal_of}[dimension]([h.cues for h in rows])
    which = DIMENSIONS.index(dimension)
    return asked, np.array([h.clap[which] if by == "clap" else (h.tagger or (0.0, 0.0))[which] for h in rows])


def _report(name: str, title: str, told: str, rows: Sequence[Heard]) -> Report:
    kind = rows[0].wanted.kind
    judges = {"cues of the sound": "cues", "tagger": "tagger", "the bundle's own CLAP": "clap"}
    if any(h.tagger is None for h in rows):
        judges.pop("tagger")
    lines: list[list[Cell]] = []
    figures: dict[str, float] = {}
    found: dict[str, tuple[Interval, Interval]] = {}
    for dimension in DIMENSIONS:
        for label, by in judges.items():
            asked, answer = correlation(rows, dimension, by)
            value, control = bootstrap(spearman, asked, answer), shuffled(asked, answer)
            crossed = spearman(np.array([getattr(h.wanted, _other(dimension)) for h in rows]), answer)
            lines.append([dimension, label, str(value), str(control), crossed])
            figures[f"{kind} {dimension} by {by}"] = value.value
            if by == "cues":
                found[dimension] = value, control
    met = {d: value.value >= BARS[kind][d] and abs(c.value) <= CONTROL for d, (value, c) in found.items()}
    header = ["dimension", "judge", "Spearman", "shuffled control", "with the other rating"]
    body = _said(kind, told, met) + table(header, lines) + _by_cue(rows)
    ratings = {f"{d} asked": [float(getattr(h.wanted, d)) for h in rows] for d in DIMENSIONS}
    answers = {f"{d} heard": correlation(rows, d, "cues")[1].tolist() for d in DIMENSIONS}
    return Report(Section(name, title, body), figures, ratings | answers)


def _said(kind: str, told: str, met: dict[str, bool]) -> str:
    bars = "; ".join(f"{d} {BARS[kind][d]:g}: {verdict(met=met[d])}" for d in DIMENSIONS)
    return (
        f"{told}; for each the whole pipeline made a piece, and the finished sound is judged. Cues of the sound "
        "(librosa, nothing fitted, each standardised over these pieces): arousal is onsets a second, tempo, "
        "accents and spectral centroid in equal parts; valence is the fit of major over minor key profiles on the "
        "chroma (twice), tempo, centroid, and roughness against it. They are proxies after listening tests, no "
        "listeners. The bundle's own CLAP learned the labels and stands there for comparison only. Rank "
        "correlation with the rating, 95 % bootstrap interval; the control exchanges the pairs 400 times (mean, "
        f"and where 95 % of them lie); last, the correlation with the rating of the other dimension.\n\nBars by the "
        f"cues: {bars}; control within {CONTROL}.\n\n"
    )


def _by_cue(rows: Sequence[Heard]) -> str:
    lines: list[list[Cell]] = []
    for name in NAMES:
        values = np.array([getattr(h.cues, name) for h in rows])
        asked = [np.array([getattr(h.wanted, d) for h in rows]) for d in DIMENSIONS]
        lines.append([name, *(spearman(a, values) for a in asked)])
    return "\nEvery cue alone.\n\n" + table(["cue", *(f"with {d}" for d in DIMENSIONS)], lines)


def _other(dimension: str) -> str:
    return DIMENSIONS[1 - DIMENSIONS.index(dimension)]


def _cues(material: Material, wanted: Wanted, wave: Waveform, *, seed: int) -> Cues:
    path = material.cache / "music" / f"{_key(material, wanted, seed)}.cues.npy"
    if not path.exists():
        found = cues_of(wave)
        np.save(path, np.array([getattr(found, f.name) for f in fields(Cues)]))
    return Cues(*(float(v) for v in np.load(path)))


def _key(material: Material, wanted: Wanted, seed: int) -> str:
    said = wanted.what if wanted.kind == "story" else Path(wanted.what).name
    whole = f"{wanted.kind}|{said}|{material.amounts.seconds:g}|{seed}"
    return hashlib.sha256(whole.encode()).hexdigest()[:20]


def _tagger(material: Material) -> "Tagger | None":
    if material.tagger is None or not material.tagger.exists():
        return None
    from training.tagger import Tagger

    return Tagger.load(material.tagger)
