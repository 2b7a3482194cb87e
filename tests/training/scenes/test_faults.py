import pytest

from training.scenes.faults import BadScene, level


@pytest.mark.parametrize("number", [0, 1, 0.5, "0.25"])
def test_numbers_in_their_range_are_read_also_from_text(number: float | str) -> None:
    assert level(number, "tension", "here") == float(number)


@pytest.mark.parametrize("number", [-0.01, 1.01, float("nan"), float("inf"), "-inf"])
def test_numbers_outside_their_range_are_refused_with_the_range(number: float | str) -> None:
    with pytest.raises(BadScene, match=r"^here: tension .* is out of range; give one from 0 to 1$"):
        level(number, "tension", "here")


@pytest.mark.parametrize("number", ["", "loud", None, [0.5], True])
def test_what_is_no_number_is_refused(number: object) -> None:
    with pytest.raises(BadScene, match=r"^here: tempo .* is not a number; give one from 40 to 200$"):
        level(number, "tempo", "here", low=40, high=200)
