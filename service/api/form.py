"""A request for a soundtrack as a form: `curl -F video=@clip.mp4` is enough, `-F request={...}` may say more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from schemas.soundtrack import SoundtrackRequest
from service.api.errors import InvalidBody
from service.api.json_text import parse_json
from service.api.multipart import FilePart, Form

KIND_OF_PART = {"video": "video", "image": "image", "audio": "reference"}
WORDS = ("story", "caption")
AS_JSON = frozenset({"cue_sheet", "edit", "metadata"})
BESIDE = ("melody", "sound")  # files that are no sources, under fields of their own
FILES = frozenset(KIND_OF_PART) | {*BESIDE}
TEXTS = frozenset({"request", *WORDS, *SoundtrackRequest.model_fields}) - {"sources", *BESIDE}
_FLAG = TypeAdapter(bool)


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A form as JSON would say it, and its files by the names that sources know them by."""

    body: dict[str, object]
    files: dict[str, FilePart]


def request_of(form: Form) -> FormRequest:
    """Read a form as a request: what `request` says, then the other fields, then every file that is not named yet.

    Raises:
        InvalidBody, MalformedBody: a field is there twice, or its JSON is broken.
    """
    body: dict[str, object] = {}
    texts = dict(form.texts)
    if len(texts) != len(form.texts):
        twice = next(name for name, _ in form.texts if [n for n, _ in form.texts].count(name) > 1)
        raise InvalidBody.at(f"/{twice}", "is there twice; only image may be repeated")
    if "request" in texts:
        given = parse_json(texts.pop("request").encode())
        if not isinstance(given, dict):
            raise InvalidBody.at("/request", "is not a JSON object")
        body |= given
    sources = _listed(body.pop("sources", []))
    for name, text in texts.items():
        if name in WORDS:
            sources.append({"kind": name, "text": text})
        elif name in body:
            raise InvalidBody.at(f"/{name}", "is in the part `request` as well; keep one of them")
        else:
            body[name] = _value(name, text)
    files = dict(_named(form.files))
    told = {source.get("part") for source in sources if isinstance(source, dict)}
    body |= {field: {"part": field} for field in BESIDE if _is_new(field, files, body)}
    for name, part in files.items():
        if part.name in KIND_OF_PART and name not in told and not (name.endswith(".0") and part.name in told):
            sources.append({"kind": KIND_OF_PART[part.name], "part": name})
    return FormRequest(body | {"sources": sources}, _with_plain_names(files))


def _is_new(field: str, files: dict[str, FilePart], body: dict[str, object]) -> bool:
    """Whether a file of the form is that of a field, about which the request says nothing."""
    if f"{field}.0" in files:
        raise InvalidBody.at(f"/{field}", "is there twice; only image may be repeated")
    return field in files and field not in body


def _listed(sources: object) -> list[object]:
    if not isinstance(sources, list):
        raise InvalidBody.at("/sources", "is not a list")
    return list(sources)


def _named(files: Sequence[FilePart]) -> Iterator[tuple[str, FilePart]]:
    """Files by name: `video`; where one name comes again `image.0`, `image.1` and so on."""
    names = [part.name for part in files]
    for number, part in enumerate(files):
        once = names.count(part.name) == 1
        yield (part.name if once else f"{part.name}.{names[:number].count(part.name)}"), part


def _with_plain_names(files: dict[str, FilePart]) -> dict[str, FilePart]:
    """The first of several is known by the plain name as well."""
    return {part.name: part for name, part in files.items() if name.endswith(".0")} | files


def _value(name: str, text: str) -> object:
    """The value of a field: cuts as seconds with commas between, flags as words, structures as JSON."""
    if name in AS_JSON:
        return parse_json(text.encode())
    if name == "cuts":
        if text.lstrip().startswith("["):
            return parse_json(text.encode())
        return [{"time_s": time.strip()} for time in text.split(",") if time.strip()]
    if SoundtrackRequest.model_fields[name].annotation is bool:
        try:
            return _FLAG.validate_python(text)
        except ValidationError as exc:
            raise InvalidBody.at(f"/{name}", "is neither true nor false") from exc
    return text
