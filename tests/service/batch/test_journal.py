"""The journal outlives a crash at any byte."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from schemas.problem import Problem
from service.batch.journal import NAME, Entry, Journal, Sent

ids = st.text('abé\n"{}', min_size=1, max_size=5)
problems = st.none() | st.builds(Problem, title=st.text(max_size=9), status=st.just(422), detail=st.text(max_size=20))
entries = st.builds(Entry, id=ids, digest=st.text("0123456789abcdef", max_size=8), problem=problems)


@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_cut_off_at_any_byte_it_loses_at_most_the_last_item(written: list[Entry], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, ends = Path(name), [0]
        journal = Journal(folder)
        for entry in written:
            journal.append(entry)
            ends.append((folder / NAME).stat().st_size)
        whole = (folder / NAME).read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        (folder / NAME).write_bytes(whole[:cut])
        survived = written[: sum(end <= cut for end in ends[1:])]
        assert _last_words(Journal(folder), written) == {entry.id: entry for entry in survived}
        after = Journal(folder)
        after.append(written[0])
        expected = {entry.id: entry for entry in [*survived, written[0]]}
        assert _last_words(after, written) == _last_words(Journal(folder), written) == expected


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_it_can_be_read_and_written(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / NAME).write_bytes(content)
        entry = Entry(id="a", digest="0")
        Journal(folder).append(entry)
        assert Journal(folder).last("a") == entry


def test_uploads_are_known_by_service_and_content(tmp_path: Path) -> None:
    Journal(tmp_path).append(Sent(server="http://a", sha256="1", upload="upl_1"))
    journal = Journal(tmp_path)
    assert (journal.sent("http://a", "1"), journal.sent("http://b", "1")) == ("upl_1", None)


def test_fields_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"type":"item","id":"a","digest":"0","mood":"new"}\n{"type":"mood"}\n', "utf-8")
    assert Journal(tmp_path).last("a") == Entry(id="a", digest="0")


def _last_words(journal: Journal, written: list[Entry]) -> dict[str, Entry]:
    words = {entry.id: journal.last(entry.id) for entry in written}
    return {id_: entry for id_, entry in words.items() if entry is not None}
