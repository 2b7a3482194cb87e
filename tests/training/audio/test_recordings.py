"""A user's recordings: read, resampled, filtered, captioned, and split by recording."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.audio.recorded import CLIP_S, music, write
from training.audio.pool import CLIP_SAMPLES
from training.audio.recordings import BadRecordings, caption_of, clips_of, fault, import_folder, load_recordings


def test_a_recording_is_cut_into_whole_clips(tmp_path: Path) -> None:
    path = write(tmp_path / "long.wav", music(2.5 * CLIP_S))

    clips = list(clips_of(path))

    assert [clip.shape for clip in clips] == [(2, CLIP_SAMPLES)] * 2
    assert np.allclose(clips[1], music(2.5 * CLIP_S)[CLIP_SAMPLES : 2 * CLIP_SAMPLES].T, atol=1e-4)


def test_another_rate_and_one_channel_become_ours(tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440.0 * np.arange(22_050 * 9) / 22_050).astype(np.float32)
    path = write(tmp_path / "mono.flac", tone, rate=22_050)

    (clip,) = list(clips_of(path))

    spectrum = np.abs(np.fft.rfft(clip[0]))
    assert clip.shape == (2, CLIP_SAMPLES)
    assert np.array_equal(clip[0], clip[1])
    assert abs(np.argmax(spectrum) * 44_100 / CLIP_SAMPLES - 440.0) < 1.0


@pytest.mark.parametrize(
    ("clip", "why"),
    [
        (np.full((2, 100), 1e-4, np.float32), "silent"),
        (np.where(np.arange(2000) % 50 < 2, 1.0, 0.1).astype(np.float32).reshape(2, 1000), "clipped"),
        (np.full((2, 100), np.nan, np.float32), "not finite"),
        (np.full((2, 100), 0.1, np.float32), None),
    ],
)
def test_what_teaches_nothing_is_named(
    clip: np.ndarray[tuple[int, int], np.dtype[np.float32]], why: str | None
) -> None:
    assert fault(clip) == why


def test_captions_lie_beside_recordings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("slow piano,\n in the rain\n")
    (tmp_path / "b.json").write_text('{"caption": "fast drums"}')

    assert caption_of(tmp_path / "a.wav") == "slow piano, in the rain"
    assert caption_of(tmp_path / "b.wav") == "fast drums"
    assert caption_of(tmp_path / "c.wav") == ""


@pytest.mark.parametrize("text", ["{", "[]", '{"title": "x"}'])
def test_a_broken_caption_names_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "song.json").write_text(text)

    with pytest.raises(BadRecordings, match=r"song\.json"):
        caption_of(tmp_path / "song.wav")


def test_a_folder_becomes_clips_of_two_splits_which_share_no_recording(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    for n in range(3):
        write(folder / "album" / f"{n}.wav", music(CLIP_S * (n + 1), seed=n))
    (folder / "album" / "1.txt").write_text("bright strings")
    write(folder / "quiet.wav", music(CLIP_S, level=1e-5))
    write(folder / "short.wav", music(1.0))
    (folder / "zz.mp3").write_bytes(b"not a recording")

    told = import_folder(folder, tmp_path / "out")

    train, valid = (load_recordings(tmp_path / "out" / split) for split in ("train", "valid"))
    assert told == {"clips of train": 6, "silent": 1, "too short": 1, "unreadable": 1}
    assert len(train.clips) == len(train.origins) == 6
    assert len(valid.clips) == len(valid.origins) == 0
    assert [o.caption for o in train.origins] == ["", *["bright strings"] * 2, *[""] * 3]
    assert train.origins[2].start_s == pytest.approx(CLIP_S, abs=1e-3)
    assert np.allclose(train.clips[0].T / 32_767.0, music(CLIP_S)[:CLIP_SAMPLES], atol=1e-4)


def test_a_recording_is_held_out_whole(tmp_path: Path) -> None:
    for n in range(2):
        write(tmp_path / "mine" / f"{n}.wav", music(CLIP_S, seed=n))

    import_folder(tmp_path / "mine", tmp_path / "out")

    files = [{o.file for o in load_recordings(tmp_path / "out" / s).origins} for s in ("train", "valid")]
    assert files == [{"0.wav"}, {"1.wav"}]


def test_a_folder_with_nothing_to_learn_from_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadRecordings, match="not a folder"):
        import_folder(tmp_path / "none", tmp_path / "out")
    write(tmp_path / "mine" / "short.wav", music(0.5))
    with pytest.raises(BadRecordings, match="1 too short"):
        import_folder(tmp_path / "mine", tmp_path / "out")
    assert not (tmp_path / "out" / "valid" / "index.json").exists()
