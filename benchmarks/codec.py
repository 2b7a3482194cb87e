"""How much of a bar comes back from its latents, on pieces that the codec never saw."""

from statistics import mean

import torch

from benchmarks.context import Context
from benchmarks.table import Section, table, verdict
from generators.flow.checkpoint import load_module
from generators.score.codec import Codec, CodecConfig
from generators.score.score import ROLES, Role, Score
from generators.score.score_codec import ScoreCodec
from training.codec import BarSampler, onset_f1
from training.pieces import Piece
from training.prepared import load_prepared

BAR = 0.97
WHOLE_PIECES = 40


def measure(context: Context) -> tuple[Section, ...]:
    """Onset F1 by role on bars of both held-out splits, and of notes and chords over whole pieces."""
    codec = load_module(context.bundle / "codec.safetensors", Codec, CodecConfig)
    scores = {}
    for split in ("valid", "test"):
        torch.manual_seed(context.seed)
        sampler = BarSampler(load_prepared(context.data / split))
        scores[split] = onset_f1(codec, sampler, n=context.counts.bars, seed=context.seed)
    pieces = context.held_out[:: max(1, len(context.held_out) // WHOLE_PIECES)][:WHOLE_PIECES]
    whole = [through(ScoreCodec(codec), p) for p in pieces]
    rows = [
        [role.value, *(scores[s][role.value] for s in scores), _mean([w[0].get(role) for w in whole])] for role in ROLES
    ]
    rows.append(["mean", *(mean(v for v in scores[s].values()) for s in scores), _mean([_all(w[0]) for w in whole])])
    least = min(scores["test"][r.value] for r in ROLES if r is not Role.EFFECTS)
    text = (
        f"Onset F1 on {context.counts.bars} bars of each held-out split (roles equally often, latents at their means). "
        f"Notes of {len(pieces)} whole pieces go through `ScoreCodec`: onset and pitch must both be right, with the "
        f"chords as decoded ({_mean([w[1] for w in whole]):.3f} of them exactly). "
        f"Bar: {BAR} for every role; {verdict(met=least >= BAR)} (least {least:.3f}).\n\n"
    )
    header = ["role", "bars of valid", "bars of test", "notes of whole pieces"]
    return (Section("codec", "Codec", text + table(header, rows)),)


def through(codec: ScoreCodec, piece: Piece) -> tuple[dict[Role, float], float]:
    """F1 of (onset, pitch) by role that sounds, and the share of chords that come back exactly."""
    score: Score = piece.score
    parts, chords = codec.decode(codec.encode(score), metre=score.metre, key=score.key)
    f1 = {}
    for role, notes in score.parts.items():
        truth, found = ({(n.onset, n.pitch) for n in which} for which in (notes, parts[role]))
        if truth:
            f1[role] = 2 * len(truth & found) / (len(truth) + len(found))
    right = sum(a == b for a, b in zip(chords, score.chords, strict=True))
    return f1, right / len(score.chords)


def _all(f1: dict[Role, float]) -> float | None:
    return mean(f1.values()) if f1 else None


def _mean(values: list[float | None]) -> float:
    there = [v for v in values if v is not None]
    return mean(there) if there else float("nan")
