"""The corpus from its archives."""

from pathlib import Path

import pytest

from generators.score.score import Mode
from generators.score.style import Style
from tests.training.corpus.tiny import harmony_xml, midi_bytes, note_xml, sheet_text, song, write_archive
from training.corpus.attributes import attributes
from training.corpus.manifest import STATISTICS, manifest_of, to_json
from training.corpus.piece import CorpusPiece, CorpusSheet, Source
from training.corpus.reader import pieces_of, read_corpus, read_lead_sheets

LIEDER = (Source.LIEDER,)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    songs = {f"lieder/{i:04d}.mid": midi_bytes(song(16, shift)) for i, shift in enumerate((0, 2, -3))}
    write_archive(tmp_path / "lieder-midi.tar.xz", {**songs, "lieder/broken.mid": b"nothing"})
    bars = [harmony_xml("C") + note_xml("C", 4) + note_xml("E", 4)] * 8
    sheets = {
        "openewld/index.csv": b'file,title,genres,styles\n000,A Tune!,"Folk, World",Air\n001,Short,Pop,\n',
        "openewld/000.musicxml": sheet_text(bars),
        "openewld/001.musicxml": sheet_text(bars[:2]),
    }
    write_archive(tmp_path / "openewld-pd.tar.xz", sheets)
    return tmp_path


def test_every_readable_file_gives_valid_pieces(data: Path) -> None:
    pieces = list(read_corpus(data, seed=0, sources=LIEDER))

    assert sorted(p.name for p in pieces) == ["lieder/0000#0", "lieder/0001#0", "lieder/0002#0"]
    assert all(p.score.validate() is p.score and p.style is Style.ROMANTIC for p in pieces)


def test_a_broken_file_is_logged_and_skipped(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    list(read_corpus(data, seed=0, sources=LIEDER))

    assert "broken.mid" in caplog.text


def test_a_song_in_three_keys_is_one_work_in_one_split(data: Path) -> None:
    pieces = list(read_corpus(data, seed=0, sources=LIEDER))

    assert len({p.work_id for p in pieces}) == 1
    assert len({p.split for p in pieces}) == 1
    assert len({p.score.key.tonic for p in pieces}) == 3


def test_the_seed_decides_the_order_and_the_limit_the_number(data: Path) -> None:
    names = [[p.name for p in read_corpus(data, seed=s, sources=LIEDER)] for s in range(8)]

    assert names[0] == [p.name for p in read_corpus(data, seed=0, sources=LIEDER)]
    assert len({tuple(n) for n in names}) > 1
    assert [p.name for p in read_corpus(data, limit=2, seed=0, sources=LIEDER)] == names[0][:2]


def test_works_without_a_known_melody_are_known_by_their_file() -> None:
    (piece,) = pieces_of(midi_bytes(song()), Source.ORCHESTRA, "orchestra/0007.mid")

    assert piece.work_id == "orchestra/0007"
    assert piece.style in (Style.CINEMATIC, Style.EPIC)


def test_lead_sheets_bring_title_and_genres_and_bad_ones_are_skipped(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (found,) = read_lead_sheets(data)

    assert found.sheet.title == "A Tune!"
    assert found.genres == ("Folk", "World")
    assert found.work_id == "openewld/atune"
    assert "001.musicxml" in caplog.text


def test_attributes_are_measured(data: Path) -> None:
    (piece,) = read_corpus(data, limit=1, seed=0, sources=LIEDER)

    found = attributes(piece.score)

    assert found.tempo_bpm == pytest.approx(100, abs=0.1)
    assert found.mode is Mode.MAJOR
    assert 0 < found.energy < 1
    assert 0 < found.brightness < 1


def test_the_manifest_counts_works_and_pieces_and_credits_everyone(data: Path) -> None:
    used: list[CorpusPiece | CorpusSheet] = [*read_corpus(data, seed=0, sources=LIEDER), *read_lead_sheets(data)]

    manifest = manifest_of(used)

    assert [(s.file, s.works, s.pieces) for s in manifest[:2]] == [
        ("lieder-midi.tar.xz", 1, 3),
        ("openewld-pd.tar.xz", 1, 1),
    ]
    assert manifest[2:] == STATISTICS
    assert '"licence": "CC0-1.0"' in to_json(manifest)
