"""Where a bundle's CLAP puts texts and clips."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.clap import ClapNet
from encoders.story import encode_sentences, split_clauses
from training.texts import CLAUSES, Texts

BATCH = 128
BLOCK = 512
Points = NDArray[np.float32]


def text_points(net: ClapNet, texts: Sequence[str], known: Path) -> Points:
    """Unit vectors [S D] of texts, each read as a caption: whole and by its clauses.

    `known` holds sentence vectors (.npy) of the strings in the .json beside it, if it is there: captions are many.
    """
    split = [[text, *(split_clauses(text) or [text])[:CLAUSES]] for text in texts]
    strings = sorted({s for row in split for s in row})
    number = {s: i for i, s in enumerate(strings)}
    rows = np.full((len(split), 1 + CLAUSES), -1, dtype=np.int64)
    for i, row in enumerate(split):
        rows[i, : len(row)] = [number[s] for s in row]
    read = Texts(sentence_vectors(strings, known).astype(np.float16), rows)
    blocks = [np.arange(i, min(i + BLOCK, len(texts))) for i in range(0, len(texts), BLOCK)]
    with torch.inference_mode():
        out: Points = torch.cat([net.text(*read.take(b)) for b in blocks]).numpy()
    return out


@torch.inference_mode()
def clip_points(net: ClapNet, mels: NDArray[np.float16], chroma: NDArray[np.float32]) -> Points:
    """Unit vectors [M D] of clips, from their log-mels [M 64 F] and pitch classes [M 12]."""
    blocks = np.array_split(np.arange(len(mels)), max(1, len(mels) // BATCH))
    found = [
        net.audio(torch.from_numpy(np.asarray(mels[b], np.float32)), torch.from_numpy(chroma[b])).numpy()
        for b in blocks
    ]
    out: Points = np.concatenate(found)
    return out


def sentence_vectors(texts: Sequence[str], known: Path) -> NDArray[np.float32]:
    """Vectors [S 384]: looked up where they are known, else computed."""
    stored: dict[str, int] = {}
    if known.exists():
        stored = {text: i for i, text in enumerate(json.loads(known.with_suffix(".json").read_text()))}
    found: dict[str, NDArray[np.floating]] = {}
    if stored:
        vectors = np.load(known, mmap_mode="r")
        found = {text: vectors[stored[text]] for text in set(texts) if text in stored}
    fresh = sorted(set(texts) - set(found), key=lambda text: (len(text), text))
    for i in range(0, len(fresh), BLOCK):
        block = fresh[i : i + BLOCK]
        found |= dict(zip(block, encode_sentences(block), strict=True))
    return np.stack([found[text] for text in texts]).astype(np.float32)
