"""Manifests and folders: what items they hold, and what is said of lines that are wrong."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import InvalidChart
from service.batch.folder import Folder
from service.batch.item import Item, inputs_of, request_of, wanted_of
from service.batch.manifest import Manifest, fields_of, spec_of
from service.errors import BadInput
from service.worker.task import Wanted

PNG, MP4 = b"\x89PNG\r\n\x1a\n" + bytes(100), b"\x00\x00\x00\x18ftypmp42" + bytes(100)

WRONG = [
    (b"nonsense", "is not JSON"),
    (b'{"id": "a"', "is not JSON"),
    (b"[1]", "is not a JSON object"),
    (b"\xff\xfe", "is not UTF-8"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"id": "a", "id": "b", "caption": "x"}', "'id' is there twice"),
    (b'{"caption": "x"}', "id is missing"),
    (b'{"id": "", "caption": "x"}', "id: String should have at least 1 character"),
    (b'{"id": "../a", "caption": "x"}', "id: begins or ends with a dot"),
    (b'{"id": "a/b", "caption": "x"}', "id: holds a character that file names must not have"),
    (b'{"id": "a\\u0000", "caption": "x"}', "id: holds a character"),
    (b'{"id": "' + b"a" * 151 + b'", "caption": "x"}', "id: is longer than 150 bytes"),
    (b'{"id": "a"}', "nothing to score"),
    (b'{"id": "a", "caption": "x", "sed": 1}', "unknown field 'sed'; remove it or correct its name"),
    (b'{"id": "a", "caption": "x", "seed": -1}', "seed: Input should be greater than or equal to 0"),
    (b'{"id": "a", "caption": "x", "duration_s": NaN}', "duration_s: Input should be"),
    (b'{"id": "a", "caption": "x", "style": "polka"}', "style: Input should be 'ambient'"),
    (b'{"id": "a", "caption": "x", "key": "H major"}', "key: String should match"),
    (b'{"id": "a", "caption": "x", "format": "mp4"}', "format mp4 needs a video"),
    (b'{"id": "a", "caption": "x", "duck": true}', "duck mixes with a video's own sound"),
    (b'{"id": "a", "caption": "x", "cuts": [-1]}', "cuts: Input should be greater"),
    (b'{"id": "a", "caption": "x", "takes": 99, "lufs": 0}', "lufs: Input should be less"),
]


def manifest(folder: Path, *lines: bytes) -> list[Item]:
    (folder / "m.jsonl").write_bytes(b"\n".join(lines))
    return list(Manifest(folder / "m.jsonl"))


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_a_wrong_line_says_where_and_how_and_spoils_no_other(tmp_path: Path, line: bytes, said: str) -> None:
    before, wrong, after = manifest(tmp_path, b'{"id": "x", "caption": "c"}', line, b'{"id": "y", "caption": "c"}')
    assert said in (wrong.fault or "")
    assert (wrong.where, wrong.id) == ("m.jsonl:2", "line-2")
    assert (before.id, before.fault, after.id, after.fault) == ("x", None, "y", None)


def test_everything_that_is_wrong_with_a_line_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"seed.*; takes.*; unknown field 'x'"):
        spec_of({"id": "a", "caption": "c", "seed": -1, "takes": 0, "x": 1})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b'{"id": "a", "caption": "c"}', b'{"id": "a", "caption": "d"}'),
        (b'{"id": "a-1", "caption": "c"}', b'{"id": "a", "caption": "d", "takes": 2}'),
        (b'{"id": "a", "caption": "c", "takes": 2}', b'{"id": "a-2", "caption": "d"}'),
        (b'{"id": "a", "caption": "c", "takes": 2}', b'{"id": "a", "caption": "d"}'),
    ],
)
def test_two_items_never_write_the_same_file(tmp_path: Path, first: bytes, second: bytes) -> None:
    good, bad = manifest(tmp_path, first, second)
    assert good.fault is None
    assert "writes the same files as m.jsonl:1" in (bad.fault or "")


def test_empty_lines_marks_of_editors_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    items = manifest(
        tmp_path, b'\xef\xbb\xbf{"id": "a", "caption": "c"}\r', b"", b"  \r", b'{"id": "b", "caption": "c"}'
    )
    assert [(item.id, item.where, item.fault) for item in items] == [("a", "m.jsonl:1", None), ("b", "m.jsonl:4", None)]


def test_a_line_without_end_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    long, after = manifest(
        tmp_path, b'{"id": "a", "story": "' + b"x" * 5_000_000 + b'"}', b'{"id": "b", "caption": "c"}'
    )
    assert "is longer than 2 MB" in (long.fault or "")
    assert (after.id, after.where) == ("b", "m.jsonl:2")


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_a_value_error(raw: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(fields_of(raw), dict)


def test_an_item_becomes_the_request_that_the_command_line_would_make(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "story.txt").write_text("A boat. A storm.", encoding="utf-8")
    (tmp_path / "cuts.csv").write_text("time\n1.5\n2\n", encoding="utf-8")
    (tmp_path / "chart.txt").write_text("A: Am F\nB: C G\n", encoding="utf-8")
    line = b'{"id": "a", "image": "a.png", "story": "@story.txt", "cuts": "@cuts.csv", "weight": {"story": 0.5}, '
    line += b'"chords": "@chart.txt"}'
    (item,) = manifest(tmp_path, line)
    request = request_of(item)
    assert [(s.kind, s.weight) for s in request.sources] == [("image", 1.0), ("story", 0.5)]
    assert [cut.time_s for cut in request.cuts or ()] == [1.5, 2.0]
    assert request.chords == "A: Am F\nB: C G"
    assert wanted_of(item.asked) == Wanted("wav")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id": "a", "video": "no.mp4"}', "no.mp4: no such file"),
        (b'{"id": "a", "caption": "c", "weight": {"video": 1}}', "there is no video among the sources"),
        (b'{"id": "a", "caption": "c", "cuts": "1,x"}', "'x' is not a time"),
        (b'{"id": "a", "caption": "c", "duration_s": 1, "cuts": [2]}', "beyond the end"),
    ],
)
def test_what_a_line_names_is_looked_at_before_it_is_made(tmp_path: Path, line: bytes, said: str) -> None:
    (item,) = manifest(tmp_path, line)
    with pytest.raises(BadInput, match=said):
        request_of(item)


def test_a_melody_is_a_file_of_the_item_and_enough_to_make_music(tmp_path: Path) -> None:
    (tmp_path / "tune.mid").write_bytes(b"MThd" + bytes(60))
    (item,) = manifest(tmp_path, b'{"id": "a", "melody": "tune.mid"}')
    assert request_of(item).melody == str(tmp_path / "tune.mid")
    assert [name for name, _ in inputs_of(item)] == ["tune.mid"]


def test_a_melody_that_is_no_tune_is_named_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (item,) = manifest(tmp_path, b'{"id": "a", "caption": "c", "melody": "a.png"}')
    with pytest.raises(BadInput, match=r"a\.png: is not audio or video or midi"):
        request_of(item)


def test_chords_that_cannot_be_read_are_named_before_anything_is_made(tmp_path: Path) -> None:
    (item,) = manifest(tmp_path, b'{"id": "a", "caption": "c", "chords": "Am H7"}')
    with pytest.raises(InvalidChart, match="'H7' is no chord"):
        request_of(item)


def test_every_video_and_image_of_a_folder_is_an_item(tmp_path: Path) -> None:
    for name, content in (("b.mp4", MP4), ("a.PNG", PNG), ("sea.mov", MP4), ("sea.png", PNG), (".hidden.mp4", MP4)):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "song.ogg").write_bytes(b"OggS" + bytes(50))
    (tmp_path / "notes.txt").write_text("no media", encoding="utf-8")
    items = list(Folder(tmp_path))
    assert [item.id for item in items] == ["a", "b", "sea.mov", "sea.png"]
    assert [item.asked.container for item in items] == ["wav", "mp4", "mp4", "wav"]


def test_a_text_beside_a_video_is_its_story_and_json_its_options(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(MP4)
    (tmp_path / "a.txt").write_text("A boat.", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"seed": 7, "style": "folk"}', encoding="utf-8")
    (item,) = Folder(tmp_path, {"stems": True, "seed": 1})
    assert (item.asked.story, item.asked.seed, item.asked.style, item.asked.stems) == ("@a.txt", 7, "folk", True)


def test_wrong_options_beside_a_video_fail_only_that_video(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.mp4").write_bytes(MP4)
    (tmp_path / "a.json").write_text('{"sed": 7}', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"id": "else"}', encoding="utf-8")
    a, b, c = Folder(tmp_path)
    assert (a.where, a.id, a.fault) == ("a.json", "a", "unknown field 'sed'; remove it or correct its name")
    assert "'id' is said by the file itself" in (b.fault or "")
    assert c.fault is None


def test_a_manifest_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="check the path"):
        list(Manifest(tmp_path / "no.jsonl"))
