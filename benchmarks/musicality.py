"""Whether composed pieces lie where held-out pieces lie, next to what chance and the codec alone would write."""

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from benchmarks.context import Context
from benchmarks.made import Made, first_bars, roles_sounding
from benchmarks.studio import Asked, Studio, counted, exchanged
from benchmarks.table import Cell, Section, table, verdict
from generators.score.ending import close
from generators.score.score import ROLES, Score
from training.musicality import NAMES, Envelope, Musicality, statistics

FOLLOWED = ("polyphony", "chords_polyphony", "density", "melodic_interval", "groove", "pitch_entropy")


def measure(context: Context) -> tuple[Section, ...]:
    """Statistics of flow, real pieces, weights in random order, noise through the codec, and exchanged conditions."""
    made, n = context.made, context.counts.baseline_pieces
    studio, rng = context.studio, np.random.default_rng(context.seed)
    asked = [m.asked for m in made]
    scores = {
        "held-out pieces": [m.real for m in made],
        "flow": [m.score for m in made],
        "flow, ending closed": [close(m.score, m.asked.plan) for m in made],
        "conditions exchanged": _composed(studio, exchanged(asked, rng)[:n], "conditions exchanged"),
        "weights in random order": [studio.compose(a, engine=studio.ignorant) for a in asked[:n]],
        "noise through the codec": [noise(studio, a) for a in asked[:n]],
    }
    found = {name: [statistics(s) for s in group] for name, group in scores.items()}
    real = [statistics(first_bars(p.score, 32)) for p in context.held_out]
    envelope = Envelope.of(real)
    return (
        Section("musicality", "Musicality", _means(found, envelope, len(real), n)),
        Section("following", "What the conditions do", _following(found, made) + _roles(scores)),
    )


def noise(studio: Studio, asked: Asked) -> Score:
    """Latents as if every channel of every bar were drawn on its own, decoded: all that the codec alone knows."""
    plan, codec = asked.plan, studio.engine.codec
    shape = (len(plan.bars), codec.codec.channels)
    latents = np.random.default_rng(asked.seed).standard_normal(shape).astype(np.float32)
    parts, chords = codec.decode(latents, metre=plan.metre, key=plan.key)
    return Score(plan.metre, plan.key, plan.tempo_bpm, len(plan.bars), parts, chords, plan.sections)


def _composed(studio: Studio, asked: Sequence[Asked], label: str) -> list[Score]:
    say = counted(label)
    out = []
    for number, a in enumerate(asked):
        out.append(studio.compose(a))
        say(number + 1, len(asked))
    return out


def _means(found: dict[str, list[Musicality]], envelope: Envelope, real: int, baseline: int) -> str:
    rows: list[list[Cell]] = []
    outside = []
    for i, name in enumerate(NAMES):
        means = {group: float(np.mean([astuple(m)[i] for m in all_of])) for group, all_of in found.items()}
        least, most = min(envelope.low[i], means["held-out pieces"]), max(envelope.high[i], means["held-out pieces"])
        if not least - 1e-9 <= means["flow"] <= most + 1e-9:
            outside.append(name)
        cells = [_marked(mean, least, most) for mean in means.values()]
        rows.append([name, f"{least:.2f} .. {most:.2f}", *cells])
    rows.append(["share inside, mean", "-", *(f"{np.mean(_shares(envelope, group)):.2f}" for group in found.values())])
    rows.append(["share inside, least", "-", *(f"{np.min(_shares(envelope, group)):.2f}" for group in found.values())])
    shares = envelope.share_inside(found["flow"])
    low = ", ".join(f"{name} {shares[name]:.2f}" for name in sorted(NAMES, key=lambda name: shares[name])[:4])
    text = (
        f"{len(found['flow'])} pieces of 16 to 32 bars for the captions of held-out pieces, at their tempo, metre, key "
        f"and length, without cuts; baselines on {baseline}. The range is the 5th to 95th percentile of {real} "
        "held-out pieces (their first 32 bars); means outside it are in bold "
        "(it is widened to the mean of real pieces where that lies outside: hardly a real bar is empty). "
        "Statistics are of the flow's own notes, except where the ending is closed, as the product does.\n\n"
        f"Bar: every mean of the flow inside; {verdict(met=not outside)}"
        f"{f' ({chr(44).join(outside)} outside)' if outside else ''}. Least shares inside: {low}.\n\n"
    )
    return text + table(["statistic", "range", *found], rows)


def _shares(envelope: Envelope, group: list[Musicality]) -> list[float]:
    return list(envelope.share_inside(group).values())


def _marked(mean: float, low: float, high: float) -> str:
    return f"{mean:.2f}" if low - 1e-9 <= mean <= high + 1e-9 else f"**{mean:.2f}**"


def _following(found: dict[str, list[Musicality]], made: list[Made]) -> str:
    """Spearman over pieces between a piece and the held-out one whose caption asked for it."""
    groups = {name: group for name, group in found.items() if name not in ("held-out pieces", "flow, ending closed")}
    rows: list[list[Cell]] = []
    for name in FOLLOWED:
        truth = [getattr(m, name) for m in found["held-out pieces"]]
        rows.append([name, *(_spearman(truth, [getattr(m, name) for m in group]) for group in groups.values())])
    text = (
        "Spearman correlation over pieces between the statistic of a composed piece and that of the held-out piece "
        "whose caption was given, which says how much of the caption arrives in the notes.\n\n"
    )
    return text + table(["statistic", *groups], rows)


def _spearman(a: Sequence[float], b: Sequence[float]) -> float:
    from scipy.stats import spearmanr

    n = min(len(a), len(b))
    if n < 3 or np.ptp(a[:n]) == 0 or np.ptp(b[:n]) == 0:
        return 0.0
    return float(spearmanr(a[:n], b[:n]).statistic)


def _roles(scores: dict[str, list[Score]]) -> str:
    """Share of pieces in which each role sounds, and notes a bar where it does."""
    groups = ("held-out pieces", "flow", "weights in random order")
    rows: list[list[Cell]] = []
    for role in ROLES:
        row: list[Cell] = [role.value]
        for group in groups:
            playing = [s for s in scores[group] if role in roles_sounding(s)]
            row.append(len(playing) / len(scores[group]))
            row.append(float(np.mean([len(s.parts[role]) / s.bars for s in playing])) if playing else 0.0)
        rows.append(row)
    header = ["role", *(f"{group}: {what}" for group in groups for what in ("sounds in", "notes a bar"))]
    return "\nShare of pieces in which a role sounds at all, and its notes a bar there.\n\n" + table(header, rows)
