"""From what a caller gives by keyword to a request: local files are uploaded, addresses and uploads are named."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from pydantic import ValidationError

from schemas.cue_sheet import CueCut, CueSheet
from schemas.edit import Edit
from schemas.music import ChartText, EngineName, FollowName, KeyName, StyleName
from schemas.soundtrack import Format, Priority, SoundtrackRequest, Upload
from service.client.effects import Call, Steps
from service.client.errors import InvalidRequest
from service.client.sending import Patience, parsed, sent

File = str | Path  # a local path, the id of an upload, or an https address
PLACEHOLDER = "upl_" + "0" * 26
UPLOAD_ANSWER_S = 120.0  # the store may take a while with a gigabyte


class Asked(TypedDict, total=False):
    """What `submit` takes by keyword: sources first, then the options of a request under their own names."""

    video: File
    images: Sequence[File]
    references: Sequence[File]
    story: str
    caption: str
    cue_sheet: CueSheet
    duration_s: float
    cuts: Sequence[CueCut]
    seed: int
    takes: int
    engine: EngineName
    follow: FollowName
    steps: int
    tempo_bpm: float
    key: KeyName
    style: StyleName
    chords: ChartText
    melody: File
    sound: File
    edit: Edit
    loop: bool
    lufs: float
    duck: bool
    format: Format
    stems: bool
    midi: bool
    picture: bool
    priority: Priority
    cancel_after_s: float
    webhook: str
    metadata: Mapping[str, str]


BESIDE = ("melody", "sound")  # files that are no sources
SOURCES = frozenset({"video", "images", "references", "story", "caption"})


def asked_for(request: SoundtrackRequest | None, asked: Asked, patience: Patience) -> Steps[SoundtrackRequest]:
    """The request itself, or one made of keywords; it is checked before anything is uploaded.

    Raises:
        InvalidRequest: both or neither are given, a rule is broken, or a file is not there.
    """
    if request is not None:
        if asked:
            raise InvalidRequest(f"give a request or keywords, not both: {', '.join(sorted(asked))}")
        return request
    files = _files(asked)
    _request(asked, dict.fromkeys(files, PLACEHOLDER))
    places: dict[File, str] = {}
    for file in files:
        places[file] = (yield from uploaded(Path(file), patience)).id if _is_local(file) else str(file)
    return _request(asked, places)


def uploaded(path: Path, patience: Patience) -> Steps[Upload]:
    """Send a local file; raises InvalidRequest when it is not there."""
    if not path.is_file():
        raise InvalidRequest(f"there is no file {path}; give the path of one, an upload's id or an https address")
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(path.stat().st_size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.name, safe='')}",
    }
    reply = yield from sent(
        Call("POST", "/v1/uploads", headers=headers, body=path, answer_s=UPLOAD_ANSWER_S), patience
    )  # sent twice, the first one lapses by itself
    return parsed(Upload, reply)


def _files(asked: Asked) -> list[File]:
    given = [asked[name] for name in ("video", *BESIDE) if name in asked]  # type: ignore[literal-required]
    files = list(dict.fromkeys([*given, *asked.get("images", ()), *asked.get("references", ())]))
    for file in files:
        if _is_local(file) and not Path(file).is_file():
            raise InvalidRequest(f"there is no file {file}; give the path of one, an upload's id or an https address")
    return files


def _is_local(file: File) -> bool:
    return isinstance(file, Path) or not file.startswith(("upl_", "https://", "http://"))


def _request(asked: Asked, places: Mapping[File, str]) -> SoundtrackRequest:
    def at(file: File, **more: str) -> dict[str, str]:
        place = places[file]
        return {**more, "upload" if place.startswith("upl_") else "url": place}

    sources: list[dict[str, str]] = [at(asked["video"], kind="video")] if "video" in asked else []
    sources += [at(file, kind="image") for file in asked.get("images", ())]
    sources += [at(file, kind="reference") for file in asked.get("references", ())]
    sources += [{"kind": "story", "text": asked["story"]}] if "story" in asked else []
    sources += [{"kind": "caption", "text": asked["caption"]}] if "caption" in asked else []
    options = {name: value for name, value in asked.items() if name not in SOURCES}
    options |= {name: at(asked[name]) for name in BESIDE if name in asked}  # type: ignore[literal-required]
    try:
        return SoundtrackRequest.model_validate({"sources": sources, **options})
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the request"
        raise InvalidRequest(f"{where}: {first['msg'].removeprefix('Value error, ')}") from exc
