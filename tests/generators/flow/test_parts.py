"""Tensors come back from one file or from parts, and no part is taken for another's."""

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from generators.errors import BadWeights
from generators.flow.parts import files_of, index_of, load_tensors, save_tensors

LIMIT = 1200  # bytes: two tensors of 100 numbers, with what a header takes


def _tensors(count: int = 5, *, first: float = 0.0) -> dict[str, Tensor]:
    return {f"layer.{i}": torch.full((10, 10), first + i) for i in range(count)} | {
        "none": torch.zeros(0),
        "count": torch.tensor(7),
    }


def _same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("limit", [LIMIT, 10_000])
def test_tensors_and_metadata_come_back_whatever_the_limit(limit: int, tmp_path: Path) -> None:
    save_tensors(tmp_path / "flow.safetensors", _tensors(), {"config": "{}"}, limit=limit)

    tensors, metadata = load_tensors(tmp_path / "flow.safetensors")

    assert _same(tensors, _tensors())
    assert metadata == {"config": "{}"}


def test_no_part_is_larger_than_the_limit_and_the_index_names_them_all(tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"

    save_tensors(path, _tensors(), {}, limit=LIMIT)

    parts = sorted(tmp_path.glob("*.safetensors"))
    assert [part.name for part in parts] == [f"flow-0000{i}-of-00003.safetensors" for i in (1, 2, 3)]
    assert all(part.stat().st_size <= LIMIT for part in parts)
    assert set(files_of(path)) == {index_of(path), *parts}
    assert set(tmp_path.iterdir()) == {index_of(path), *parts}


def test_what_fits_is_one_file_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"

    save_tensors(path, _tensors(), {"config": "{}"})

    assert list(tmp_path.iterdir()) == [path]
    assert files_of(path) == (path,)
    assert files_of(tmp_path / "none.safetensors") == ()


def test_a_larger_tensor_has_a_part_of_its_own(tmp_path: Path) -> None:
    tensors = {"a": torch.zeros(10), "large": torch.zeros(1000), "b": torch.zeros(10)}

    save_tensors(tmp_path / "x.safetensors", tensors, {}, limit=LIMIT)

    assert len(list(tmp_path.glob("*.safetensors"))) == 3
    assert _same(load_tensors(tmp_path / "x.safetensors")[0], tensors)


@pytest.mark.parametrize(("before", "after"), [(9, 3), (3, 9), (9, 1), (1, 9), (9, 9)])
def test_another_save_leaves_nothing_of_the_last(before: int, after: int, tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"
    save_tensors(path, _tensors(before), {}, limit=LIMIT)

    save_tensors(path, _tensors(after, first=100.0), {}, limit=LIMIT)

    assert _same(load_tensors(path)[0], _tensors(after, first=100.0))
    assert set(tmp_path.iterdir()) == set(files_of(path))


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"
    save_tensors(path, _tensors(), {}, limit=LIMIT)
    (tmp_path / "flow-00002-of-00003.safetensors").unlink()

    with pytest.raises(BadWeights, match=r"flow-00002-of-00003\.safetensors is missing, one of 3 parts"):
        load_tensors(path)


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"
    save_tensors(path, _tensors(), {}, limit=LIMIT)
    (tmp_path / "flow-00003-of-00003.safetensors").write_bytes(b"no tensors")

    with pytest.raises(BadWeights, match=r"flow-00003-of-00003\.safetensors cannot be read"):
        load_tensors(path)


def test_a_part_of_another_save_is_refused(tmp_path: Path) -> None:
    for folder, first in (("old", 0.0), ("new", 1.0)):
        save_tensors(tmp_path / folder / "flow.safetensors", _tensors(first=first), {}, limit=LIMIT)
    (tmp_path / "old" / "flow-00001-of-00003.safetensors").replace(tmp_path / "new" / "flow-00001-of-00003.safetensors")

    with pytest.raises(BadWeights, match="of another save"):
        load_tensors(tmp_path / "new" / "flow.safetensors")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no json", "cannot be read as an index"),
        ("[]", "cannot be read as an index"),
        ('{"metadata": {}}', "cannot be read as an index"),
        ('{"metadata": {}, "weight_map": {"a": "../flow.safetensors"}}', "does not lie beside it"),
    ],
)
def test_a_broken_index_is_named_and_can_be_written_over(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"
    index_of(path).write_text(text)

    with pytest.raises(BadWeights, match=why):
        load_tensors(path)
    save_tensors(path, _tensors(1), {})

    assert list(tmp_path.iterdir()) == [path]


def test_an_index_that_names_other_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"
    save_tensors(path, _tensors(), {}, limit=LIMIT)
    held = json.loads(index_of(path).read_text())
    held["weight_map"]["more"] = held["weight_map"]["layer.0"]
    index_of(path).write_text(json.dumps(held))

    with pytest.raises(BadWeights, match="names other tensors"):
        load_tensors(path)
