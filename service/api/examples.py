"""An example of every wire type, for the documentation; a test proves that each is what it says."""

from typing import Any

JOB, UPLOAD, ARTIFACT = (
    "st_01kak3q7zc0f8v2n5r9t1x4y6b",
    "upl_01kak3p2m40f8v2n5r9t1x4y6b",
    "art_01kak3q7zc0f8v2n5r9t1x4y6b_0",
)
NOW, LATER = "2026-11-21T09:30:00Z", "2026-11-24T09:30:42Z"

VIDEO_INPUT: dict[str, Any] = {"kind": "video", "upload": UPLOAD, "weight": 1.0}
IMAGE_INPUT: dict[str, Any] = {"kind": "image", "url": "https://example.com/harbour.jpg", "weight": 0.5}
REFERENCE_INPUT: dict[str, Any] = {"kind": "reference", "upload": UPLOAD, "weight": 0.5}
MELODY_INPUT: dict[str, Any] = {"upload": UPLOAD}
SOUND_INPUT: dict[str, Any] = {"upload": UPLOAD}
SPAN: dict[str, Any] = {"start_s": 4.0, "end_s": 7.5}
STORY: dict[str, Any] = {"kind": "story", "text": "A boat leaves the harbour. A storm comes up.", "weight": 1.0}
CAPTION: dict[str, Any] = {"kind": "caption", "text": "calm piano, slow", "weight": 1.0}
CUT: dict[str, Any] = {"time_s": 4.5, "weight": 1.0, "source": "user"}
THEME: dict[str, Any] = {"name": "boat", "form": "exact"}
SECTION: dict[str, Any] = {"start_s": 0.0, "end_s": 6.0, "form": "a", "label": "harbour", "theme": THEME}
POINT: dict[str, Any] = {"time_s": 0.0, "value": 0.3}
CUE_SHEET: dict[str, Any] = {
    "version": 1,
    "duration_s": 12.0,
    "tempo_bpm": 92.0,
    "key": "D minor",
    "cuts": [CUT],
    "sections": [SECTION],
    "curves": {"energy": [POINT, {"time_s": 12.0, "value": 0.8}]},
}
REQUEST: dict[str, Any] = {
    "sources": [CAPTION],
    "duration_s": 12.0,
    "style": "ambient",
    "format": "wav",
    "midi": True,
    "seed": 7,
}
OUTPUT: dict[str, Any] = {
    "artifact_id": ARTIFACT,
    "take": 1,
    "kind": "audio",
    "name": "music.wav",
    "media_type": "audio/wav",
    "n_bytes": 2116844,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "content_url": f"/v1/artifacts/{ARTIFACT}/content",
}
SOUNDTRACK: dict[str, Any] = {
    "id": JOB,
    "object": "soundtrack",
    "status": "succeeded",
    "progress": 1.0,
    "attempt": 1,
    "priority": "interactive",
    "seed": 7,
    "input": REQUEST,
    "outputs": [OUTPUT],
    "created_at": NOW,
    "started_at": NOW,
    "completed_at": NOW,
    "expires_at": LATER,
}
FIELD: dict[str, Any] = {"pointer": "/duration_s", "detail": "Input should be greater than 0"}
PROBLEM: dict[str, Any] = {
    "type": "urn:tonereel:problem:invalid-request",
    "title": "The request breaks a rule",
    "status": 422,
    "detail": "/duration_s: Input should be greater than 0",
    "instance": "/v1/soundtracks",
    "code": "invalid-request",
    "errors": [FIELD],
    "request_id": "req_01kak3q7zc0f8v2n5r9t1x4y6b",
    "retryable": False,
}
ITEM: dict[str, Any] = {"custom_id": "scene-1", "request": REQUEST}
DATA: dict[str, Any] = {"name": "Example scores", "licence": "CC0-1.0", "credit": "Their writers"}
MODEL: dict[str, Any] = {
    "id": "tonereel-mini",
    "version": "1.0.0",
    "licence": "Apache-2.0",
    "max_duration_s": 1800.0,
    "formats": ["mp4", "mov", "wav", "flac", "mp3", "ogg", "opus"],
    "data": [DATA],
}
SOURCE_REPORT: dict[str, Any] = {"kind": "caption", "weight": 1.0}
SECTION_REPORT: dict[str, Any] = {"form": "a", "start_s": 0.0, "end_s": 12.0, "bars": 5}
THEME_REPORT: dict[str, Any] = {"name": "boat", "form": "exact", "start_s": 0.0, "end_s": 5.2, "bars": 2}
STATEMENT_REPORT: dict[str, Any] = {"start_s": 2.6, "end_s": 10.4, "bars": 3}
MELODY_REPORT: dict[str, Any] = {"notes": 14, "bars": 3, "transposed": -12, "statements": [STATEMENT_REPORT]}
PLAN_REPORT: dict[str, Any] = {
    "tempo_bpm": 92.0,
    "metre": "4/4",
    "key": "D minor",
    "style": "ambient",
    "bars": 5,
    "sections": [SECTION_REPORT],
    "chords": ["Dm", "Bb", "F", "C", "Dm"],
    "themes": [THEME_REPORT],
    "melody": MELODY_REPORT,
}
CUT_REPORT: dict[str, Any] = {"time_s": 4.5, "weight": 1.0, "source": "user", "accent_s": 4.504, "error_ms": 4.0}
CLAP_REPORT: dict[str, Any] = {"source": "caption", "cosine": 0.62}
STAGE_REPORT: dict[str, Any] = {"name": "compose", "seconds": 0.41}
ARTIFACT_REPORT: dict[str, Any] = {
    "kind": "audio",
    "path": "music.wav",
    "n_bytes": 2116844,
    "sha256": OUTPUT["sha256"],
}
REPORT: dict[str, Any] = {
    "duration_s": 12.0,
    "n_samples": 529200,
    "sample_rate": 44100,
    "channels": 2,
    "engine": "score",
    "bundle": "tonereel-mini 1.0.0",
    "seed": 7,
    "sources": [SOURCE_REPORT],
    "plan": PLAN_REPORT,
    "cuts": [CUT_REPORT],
    "loudness_lufs": -14.1,
    "true_peak_dbtp": -1.2,
    "clap": [CLAP_REPORT],
    "attributes": {"valence": 0.2},
    "stages": [STAGE_REPORT],
    "real_time_factor": 14.0,
    "peak_rss_mb": 900.0,
    "artifacts": [ARTIFACT_REPORT],
}
EXAMPLES: dict[str, Any] = {
    "SoundtrackRequest": REQUEST,
    "Soundtrack": SOUNDTRACK,
    "SoundtrackPage": {"data": [SOUNDTRACK], "next_cursor": None},
    "Output": OUTPUT,
    "CueSheet": CUE_SHEET,
    "CueCut": CUT,
    "CueSection": SECTION,
    "CueTheme": THEME,
    "CurvePoint": POINT,
    "VideoInput": VIDEO_INPUT,
    "ImageInput": IMAGE_INPUT,
    "ReferenceInput": REFERENCE_INPUT,
    "MelodyInput": MELODY_INPUT,
    "SoundInput": SOUND_INPUT,
    "TimeSpan": SPAN,
    "Repaint": {"kind": "repaint", "spans": [SPAN]},
    "Extend": {"kind": "extend", "by_s": 10.0},
    "Accompany": {"kind": "accompany", "role": "bass"},
    "StorySource": STORY,
    "CaptionSource": CAPTION,
    "Batch": {
        "id": "bat_01kak3r0000f8v2n5r9t1x4y6b",
        "object": "batch",
        "jobs": [JOB],
        "counts": {"queued": 1},
        "created_at": NOW,
    },
    "BatchRequest": {"items": [ITEM]},
    "BatchItem": ITEM,
    "Upload": {
        "id": UPLOAD,
        "kind": "video",
        "name": "clip.mp4",
        "media_type": "video/mp4",
        "n_bytes": 1048576,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "expires_at": LATER,
    },
    "ModelList": {"data": [MODEL]},
    "ModelCard": MODEL,
    "DataSource": DATA,
    "Report": REPORT,
    "SourceReport": SOURCE_REPORT,
    "SectionReport": SECTION_REPORT,
    "ThemeReport": THEME_REPORT,
    "StatementReport": STATEMENT_REPORT,
    "MelodyReport": MELODY_REPORT,
    "PlanReport": PLAN_REPORT,
    "CutReport": CUT_REPORT,
    "ClapReport": CLAP_REPORT,
    "StageReport": STAGE_REPORT,
    "ArtifactReport": ARTIFACT_REPORT,
    "Health": {"status": "ready", "parts": {"queue": "ok", "store": "ok", "workers": "1"}},
    "Problem": PROBLEM,
    "ProblemField": FIELD,
}
