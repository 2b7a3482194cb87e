from pathlib import Path

import pytest

from generators.score.style import STYLES, Style
from training.scenes.family import FILES, HELD_OUT, load_families
from training.scenes.faults import BadScene

FAMILIES = load_families()


def test_single_words_stand_alone_and_in_a_sentence() -> None:
    dread = next(f for f in FAMILIES if f.name == "dread")
    texts = [text for text, _ in dread.lines]
    for word in ("massacre", "terrified", "drown"):
        assert word in texts
        assert any(word in text and " " in text for text in texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bank of one small family a file."""
    for name in (*FILES, HELD_OUT):
        (tmp_path / f"{name}.toml").write_text(
            f'[{name}_one]\nmood = [0.5, 0.5]\nstyles = "jazz 1"\nlines = "A {name}."\n'
        )
    return tmp_path


def test_a_folder_is_read_with_its_held_out_file_last(folder: Path) -> None:
    families = load_families(folder)
    assert [f.name for f in families] == [f"{name}_one" for name in (*FILES, HELD_OUT)]
    assert [f.held_out for f in families] == [False] * len(FILES) + [True]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            'lines = "A sea. | 1.2 0.5"',
            r"life\.toml, line 4, family sea: valence 1\.2 is out of range; give one from 0 to 1",
        ),
        ('lines = "A sea. | 0.2"', r"life\.toml, line 4, family sea: valence and arousal are two numbers"),
        ('lines = "A sea.|0.2 loud"', r"line 4, family sea: arousal 'loud' is not a number"),
        ('lines = "| 0.2 0.2"', r"line 4, family sea: '\| 0\.2 0\.2' has no sentence"),
        ("", r"life\.toml, line 1, family sea: no sentence in it; add lines"),
        ('topics = "the sea"', "topics go with two acts or more"),
        ('topics = "the sea"\nacts = "it roars"', "topics go with two acts or more"),
        ('acts = "it roars"', "topics go with two acts or more"),
    ],
)
def test_a_bad_family_is_told_by_file_line_and_name(folder: Path, body: str, said: str) -> None:
    (folder / "life.toml").write_text(f'[sea]\nmood = [0.5, 0.5]\nstyles = "jazz 1"\n{body}\n')
    with pytest.raises(BadScene, match=said):
        load_families(folder)


def test_a_name_that_another_file_has_is_refused(folder: Path) -> None:
    (folder / "work.toml").write_text((folder / "life.toml").read_text())
    with pytest.raises(BadScene, match=r"work\.toml, line 1, family life_one: another file .* rename one of them"):
        load_families(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "turns.toml").unlink()
    with pytest.raises(BadScene, match=r"turns\.toml cannot be read .*; put it back"):
        load_families(folder)


def test_family_names_are_unique_and_moods_in_range() -> None:
    assert len({f.name for f in FAMILIES}) == len(FAMILIES)
    for mood in [f.mood for f in FAMILIES] + [m for f in FAMILIES for _, m in f.lines]:
        assert 0 <= mood.valence <= 1
        assert 0 <= mood.arousal <= 1
        assert mood.styles


def test_a_line_with_its_own_mood_drops_the_bar_and_keeps_the_styles() -> None:
    funeral = next(f for f in FAMILIES if f.name == "funeral")
    moods = dict(funeral.lines)
    own = moods["He died before he could say he was sorry."]
    assert (own.valence, own.arousal) == (0.08, 0.22)
    assert own.styles == funeral.mood.styles
    assert not any("|" in text for f in FAMILIES for text, _ in f.lines)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_leads_some_family(style: Style) -> None:
    leads = {max(f.mood.styles, key=lambda s: f.mood.styles[s]) for f in FAMILIES if not f.held_out}
    assert style in leads


def test_the_families_cover_all_four_quarters_of_mood_in_training_and_in_testing() -> None:
    for held_out in (False, True):
        quarters = {(f.mood.valence > 0.5, f.mood.arousal > 0.5) for f in FAMILIES if f.held_out == held_out}
        assert len(quarters) == 4


def test_there_are_3000_sentences_written_by_hand() -> None:
    assert sum(len(f.lines) for f in FAMILIES if not f.held_out) >= 3000
