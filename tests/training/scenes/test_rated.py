from pathlib import Path

import pytest

from training.scenes.bank import plain
from training.scenes.family import Scene
from training.scenes.faults import BadScene
from training.scenes.rated import SPLITS, load_rated

RATED = load_rated()
ROW = "0.9 0.8 | play | The roller coaster tips over the top."


def write(folder: Path, dev: str, test: str = ROW) -> Path:
    """A file of two splits."""
    path = folder / "rated.toml"
    path.write_text(f'[dev]\nsentences = """\n{dev}"""\n[test]\nsentences = """\n{test}"""\n')
    return path


def test_no_rated_sentence_is_trained_on(bank: tuple[Scene, ...]) -> None:
    texts = {plain(s.text) for s in bank}
    assert not [r.text for r in RATED if plain(r.text) in texts]


@pytest.mark.parametrize("split", SPLITS)
def test_each_split_is_large_and_covers_all_quarters_of_mood_and_many_domains(split: str) -> None:
    rows = [r for r in RATED if r.split == split]
    assert len(rows) >= 90
    assert len({(r.valence > 0.5, r.arousal > 0.5) for r in rows}) == 4
    assert len({r.domain for r in rows}) >= 10


def test_ratings_are_in_range() -> None:
    assert all(0 <= x <= 1 for r in RATED for x in (r.valence, r.arousal))


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    (only,) = (r for r in load_rated(write(tmp_path, "0.1 0.2 | sea | The tide is out.")) if r.split == "dev")
    assert (only.valence, only.arousal, only.domain, only.text) == (0.1, 0.2, "sea", "The tide is out.")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("0.9 | play | A.", "rated.toml, dev: '0.9 | play | A.' is not 'valence arousal | domain | sentence'"),
        ("0.9 0.8 | A.", "rated.toml, dev: '0.9 0.8 | A.' is not 'valence arousal | domain | sentence'"),
        ("1.9 0.8 | play | A.", "rated.toml, dev, 'A.': valence 1.9 is out of range; give one from 0 to 1"),
        ("0.9 much | play | A.", "rated.toml, dev, 'A.': arousal 'much' is not a number"),
        (ROW, "rated.toml, test: 'The roller coaster tips over the top.' is there twice; remove one of them"),
    ],
)
def test_a_bad_row_is_told_with_its_place(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(BadScene) as caught:
        load_rated(write(tmp_path, row))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"), [("[dev]\n", r"the sentences of \[dev\] are missing"), ("[dev", "mend the TOML there")]
)
def test_a_broken_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rated.toml").write_text(text)
    with pytest.raises(BadScene, match=said):
        load_rated(tmp_path / "rated.toml")
