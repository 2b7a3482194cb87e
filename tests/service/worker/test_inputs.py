"""A request's files come from the store or from an address, under names of ours, and are what they should be."""

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from schemas.edit import Extend
from schemas.request import MusicRequest
from schemas.soundtrack import (
    ImageInput,
    Input,
    MelodyInput,
    ReferenceInput,
    SoundInput,
    SoundtrackRequest,
    VideoInput,
)
from schemas.source import CaptionSource, ImageSource, ReferenceSource, VideoSource
from service.errors import BadInput, BadMedia
from service.store.objects import ObjectArtifacts
from service.worker.errors import UploadGone
from service.worker.inputs import Inputs, wanted_of, warnings_of
from service.worker.naming import upload_key
from service.worker.problem import problem_of

UPLOAD = "upl_" + "0" * 26
MP4 = b"\0\0\0\x18ftypisom" + bytes(300)
MIDI = b"MThd\0\0\0\6" + bytes(60)
WAV = b"RIFF\0\0\0\0WAVEfmt " + bytes(300)


class Web:
    """Addresses and what they give."""

    def __init__(self, **pages: bytes) -> None:
        self._pages = {f"https://example.com/{name}": page for name, page in pages.items()}

    async def fetch(self, url: str, to: Path, *, max_bytes: int) -> None:
        to.write_bytes(self._pages[url][:max_bytes])


def prepared(
    folder: Path,
    *sources: Input,
    upload: bytes | None = None,
    web: Web | None = None,
    melody: MelodyInput | None = None,
) -> MusicRequest:
    async def prepare() -> MusicRequest:
        store = ObjectArtifacts.memory()
        if upload is not None:
            (folder / "content").write_bytes(upload)
            await store.put(upload_key(UPLOAD), folder / "content")
        inputs = Inputs(store, (web or Web()).fetch, max_bytes=10_000)
        return await inputs.prepare(SoundtrackRequest(sources=sources, seed=3, takes=2, melody=melody), folder)

    return asyncio.run(prepare())


def test_an_upload_becomes_a_local_file_with_the_right_suffix(tmp_path: Path) -> None:
    request = prepared(tmp_path, VideoInput(upload=UPLOAD, weight=2.0), CaptionSource(text="calm"), upload=MP4)
    assert request.sources[0] == VideoSource(path=str(tmp_path / "video-1.mp4"), weight=2.0)
    assert request.sources[1] == CaptionSource(text="calm")
    assert (request.seed, request.takes) == (3, 2)
    assert (tmp_path / "video-1.mp4").read_bytes() == MP4


def test_addresses_are_fetched_side_by_side(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "x.png")
    web = Web(a=(tmp_path / "x.png").read_bytes(), b=WAV)
    sources = (ImageInput(url="https://example.com/a"), ReferenceInput(url="https://example.com/b"))
    request = prepared(tmp_path, *sources, web=web)
    assert request.sources == (
        ImageSource(path=str(tmp_path / "image-1.png")),
        ReferenceSource(path=str(tmp_path / "reference-2.wav")),
    )


def test_a_melody_becomes_a_local_file_that_is_midi_or_sound(tmp_path: Path) -> None:
    uploaded = prepared(tmp_path, upload=MIDI, melody=MelodyInput(upload=UPLOAD))
    hummed = prepared(tmp_path, web=Web(hum=WAV), melody=MelodyInput(url="https://example.com/hum"))

    assert (uploaded.melody, hummed.melody) == (str(tmp_path / "melody.mid"), str(tmp_path / "melody.wav"))
    assert (tmp_path / "melody.mid").read_bytes() == MIDI


def test_a_sound_to_edit_becomes_a_local_file_that_is_sound(tmp_path: Path) -> None:
    edit = Extend(by_s=2.0)
    request = SoundtrackRequest(sound=SoundInput(url="https://example.com/song"), edit=edit, steps=9)
    pages = {name: Web(song=page) for name, page in (("wav", WAV), ("midi", MIDI))}

    async def prepare(web: Web) -> MusicRequest:
        return await Inputs(ObjectArtifacts.memory(), web.fetch, max_bytes=10_000).prepare(request, tmp_path)

    local = asyncio.run(prepare(pages["wav"]))
    assert (local.sound, local.edit, local.steps) == (str(tmp_path / "sound.wav"), edit, 9)
    with pytest.raises(BadMedia, match="is not audio or video"):
        asyncio.run(prepare(pages["midi"]))


def test_a_melody_that_is_neither_midi_nor_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMedia) as caught:
        prepared(tmp_path, web=Web(a=b"Am F C G"), melody=MelodyInput(url="https://example.com/a"))
    assert problem_of(caught.value, tmp_path).detail.startswith("melody: is not audio or video or midi")


def test_an_upload_that_is_gone_is_a_problem_of_the_request(tmp_path: Path) -> None:
    with pytest.raises(UploadGone, match="upload the file again") as caught:
        prepared(tmp_path, VideoInput(upload=UPLOAD))
    problem = problem_of(caught.value)
    assert (problem.status, problem.code, problem.retryable) == (422, "upload-gone", False)


def test_a_file_that_is_not_of_its_kind_is_refused_without_naming_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadMedia) as caught:
        prepared(tmp_path, VideoInput(upload=UPLOAD), upload=WAV)
    assert problem_of(caught.value, tmp_path).detail.startswith("video-1: is not video, it looks like audio")


def test_a_playlist_under_the_name_of_a_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMedia):
        prepared(tmp_path, VideoInput(upload=UPLOAD), upload=b"#EXTM3U\nfile:///etc/passwd\n")


def test_a_part_that_was_never_received_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="never received"):
        prepared(tmp_path, VideoInput(part="clip"))


def test_the_format_follows_the_sources() -> None:
    video = SoundtrackRequest(sources=(VideoInput(upload=UPLOAD),), stems=True, duck=True)
    assert (wanted_of(video).format, wanted_of(video).stems, warnings_of(video)) == ("mp4", True, ())
    assert wanted_of(SoundtrackRequest(sources=(CaptionSource(text="x"),))).format == "wav"
    (warning,) = warnings_of(video.model_copy(update={"format": "flac"}))
    assert "duck was left out" in warning
