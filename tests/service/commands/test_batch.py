"""The batch command with the bundle that is shipped."""

from pathlib import Path

from click.testing import CliRunner
from PIL import Image

from schemas.report import Report
from service.cli import Tonereel
from service.commands.batch import batch


def run(*words: object) -> tuple[int, str]:
    group = Tonereel(commands={"batch": batch})
    done = CliRunner().invoke(group, ["batch", *map(str, words)])
    return done.exit_code, done.output


def test_a_caption_and_a_picture_are_scored_by_one_command(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), (200, 80, 30)).save(tmp_path / "dusk.png")
    (tmp_path / "m.jsonl").write_text(
        '{"id": "calm", "caption": "calm piano, 70 bpm, D minor", "midi": true}\n'
        '{"id": "dusk", "image": "dusk.png", "format": "flac"}\n'
        '{"id": "text", "image": "m.jsonl"}\n',
        encoding="utf-8",
    )
    code, output = run(tmp_path / "m.jsonl", "-o", tmp_path / "out", "--set", "duration_s=4", "--set", "steps=1")
    assert code == 3, output
    assert "text: " in output
    assert "2 made, 0 kept, 1 failed" in output
    report = Report.model_validate_json((tmp_path / "out" / "calm.report.json").read_bytes())
    assert (report.n_samples, report.plan.key) == (4 * 44100, "D minor")
    assert (tmp_path / "out" / "dusk.flac").read_bytes()[:4] == b"fLaC"
    assert (tmp_path / "out" / "calm.mid").read_bytes()[:4] == b"MThd"


def test_wrong_usage_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text("\n", encoding="utf-8")
    out = ("-o", tmp_path / "out")
    assert run(tmp_path / "m.jsonl", *out, "--set", "colour=red")[0] == 2
    code, output = run(tmp_path / "m.jsonl", *out)
    assert (code, "holds no items" in output) == (3, True)
    assert run(tmp_path / "none.jsonl", *out)[0] == 3
    assert not (tmp_path / "out").exists()
