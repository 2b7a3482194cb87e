import numpy as np

from encoders.calibration import calibration_pictures


def test_pictures_have_the_size_asked_for_and_are_the_same_each_time() -> None:
    first, again = (calibration_pictures(40, count=5) for _ in range(2))
    assert first.shape == (5, 40, 40, 3)
    assert first.dtype == np.uint8
    assert first.tobytes() == again.tobytes()


def test_pictures_are_unlike_each_other_and_none_is_flat() -> None:
    pictures = calibration_pictures(48).astype(np.float64)
    assert (pictures.std(axis=(1, 2)).max(axis=1) > 4.0).all()
    means = pictures.mean(axis=(1, 2))
    apart = np.linalg.norm(means[:, None] - means[None], axis=-1)[np.triu_indices(len(means), 1)]
    assert apart.min() > 5.0


def test_together_they_are_of_no_colour() -> None:
    assert np.ptp(calibration_pictures(32, count=64).mean(axis=(0, 1, 2))) < 30.0
