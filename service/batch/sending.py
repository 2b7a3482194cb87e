"""A local task as the request that a service takes: its files become uploads."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from schemas.soundtrack import SoundtrackRequest
from schemas.source import CaptionSource, StorySource
from service.batch.journal import InputMark
from service.batch.verdict import Verdict
from service.errors import BadInput
from service.worker.task import Task

KEY_PREFIX = "tonereel-batch-"
LOCAL_ONLY = {"sources", "melody", "sound", "soundfont"}


@dataclass(frozen=True)
class Sending:
    """A task on its way; `cancel_after_s` is when the service shall give it up."""

    task: Task
    verdict: Verdict
    cancel_after_s: float | None = None

    def files(self) -> tuple[InputMark, ...]:
        """The files that must be uploaded; texts, cue sheets and cuts travel within the request."""
        asked = self.task.request
        named = {s.path for s in asked.sources if not isinstance(s, StorySource | CaptionSource)} | {asked.melody}
        return tuple(mark for mark in self.verdict.marks if str(self.path_of(mark)) in named)

    def path_of(self, mark: InputMark) -> Path:
        """Where a file is."""
        return self.verdict.item.base / mark.name

    def request(self, uploads: Mapping[str, str]) -> SoundtrackRequest:
        """The request, given the uploads of all files by the sha256 of their content; the same each time.

        Raises:
            BadInput: when a service does not take such a request.
        """
        asked, wanted = self.task.request, self.task.wanted
        if asked.soundfont is not None:
            raise BadInput("a service plays on its own instruments; remove soundfont, or leave --server out")
        by_path = {str(self.path_of(mark)): uploads[mark.sha256] for mark in self.files()}
        sources = [
            s.model_dump()
            if isinstance(s, StorySource | CaptionSource)
            else {"kind": s.kind, "upload": by_path[s.path], "weight": s.weight}
            for s in asked.sources
        ]
        fields = asked.model_dump(exclude=LOCAL_ONLY, exclude_none=True) | {
            "sources": sources,
            "melody": None if asked.melody is None else {"upload": by_path[asked.melody]},
            "format": wanted.format,
            "stems": wanted.stems,
            "midi": wanted.midi,
            "picture": wanted.picture,
            "priority": "batch",
            "cancel_after_s": self.cancel_after_s,
            "metadata": {"item": self.task.job_id},
        }
        try:
            return SoundtrackRequest.model_validate(fields)
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(str(p) for p in first["loc"])
            raise BadInput(f"the service takes no such request: {where}: {first['msg']}; change it") from exc


def key_of(verdict: Verdict) -> str:
    """The Idempotency-Key of a try of an item: another one when the item, a file of it or the try is another."""
    contents = "".join(f"\0{mark.name}\0{mark.sha256}" for mark in verdict.marks)
    whole = hashlib.sha256(f"{verdict.item.id}\0{verdict.item.digest}{contents}".encode()).hexdigest()
    return f"{KEY_PREFIX}{whole}-{verdict.attempt}"
