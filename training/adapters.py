"""Train the adapters: `python -m training.adapters --data runs/corpus --run runs/adapters --photos PHOTOS.tar`."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from encoders.adapter import CANDIDATES, GUIDANCE, AdapterConfig, FlowAdapter, MlpAdapter, sample
from encoders.story import encode_sentences
from encoders.vision import Eyes
from generators.flow.checkpoint import save_module
from generators.flow.path import logit_normal, straight
from training.adapter_data import Answers, Examples, load_answers
from training.adapter_metrics import AdapterMetrics, Sampler, judge
from training.adapter_tasks import Task, TaskSizes, picture_tasks, story_task
from training.loop import Loop, LoopConfig
from training.presets import ADAPTER, Preset

FREE = 0.1  # examples without their condition, for guidance
FEATURE_NOISE = 0.15  # of a standard deviation: sentences and pictures that nobody wrote or took lie between
MLP_SHARE = 0.15  # of the time budget of a kind
GUIDANCES = (1.0, 2.0, 4.0)


def flow_loss(net: FlowAdapter, features: Tensor, points: Tensor, generator: torch.Generator) -> Tensor:
    """Mean squared error of the velocity on the straight path from noise to points."""
    x_1 = net.place(points)
    x_0 = torch.randn(x_1.shape, generator=generator)
    path = straight(x_0, x_1, logit_normal(len(x_1), generator=generator))
    known = (torch.rand(len(x_1), 1, generator=generator) > FREE).float()
    return functional.mse_loss(net(path.x_t, path.t, _noisy(net.read(features), generator), known), path.velocity)


def mlp_loss(net: MlpAdapter, features: Tensor, points: Tensor, generator: torch.Generator) -> Tensor:
    """Mean squared error of the point: the recipe of MusFlow's adapters."""
    return functional.mse_loss(net(_noisy(net.read(features), generator)), net.place(points))


def train_flow(task: Task, answers: Answers, run: Path, preset: Preset) -> FlowAdapter:
    """Train one flow adapter and write `run/<kind>.safetensors`."""
    torch.manual_seed(preset.seed)
    config = _config(task, answers, preset)
    net = FlowAdapter(config)
    net.measure(task.train.features, torch.from_numpy(answers.points))
    loop = Loop(net, run / task.kind, _budget(preset, 1 - MLP_SHARE))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        features, points = task.train.draw(preset.batch, answers, np.random.default_rng((preset.seed, step)))
        return flow_loss(loop.module, features, points, generator), {}

    trained = loop.run(loss)
    save_module(run / f"{task.kind}.safetensors", trained, config)
    return trained.eval()


def train_mlp(task: Task, answers: Answers, run: Path, preset: Preset) -> MlpAdapter:
    """Train the baseline and write `run/<kind>_mlp.safetensors`."""
    torch.manual_seed(preset.seed)
    config = _config(task, answers, preset)
    net = MlpAdapter(config)
    net.measure(task.train.features, torch.from_numpy(answers.points))
    loop = Loop(net, run / f"{task.kind}_mlp", _budget(preset, MLP_SHARE))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        features, points = task.train.draw(preset.batch, answers, np.random.default_rng((preset.seed, step)))
        return mlp_loss(loop.module, features, points, generator), {}

    trained = loop.run(loss)
    save_module(run / f"{task.kind}_mlp.safetensors", trained, config)
    return trained.eval()


def samplers(flow: FlowAdapter, mlp: MlpAdapter) -> dict[str, Sampler]:
    """The ways to be compared: one draw at several guidances, the medoid of CANDIDATES draws, and the MLP."""
    channels = flow.config.channels

    def one(guidance: float) -> Sampler:
        return lambda features, seed: sample(flow, features, _noise(len(features), channels, seed), guidance=guidance)

    def medoid(guidance: float) -> Sampler:
        return lambda features, seed: _medoids(flow, features, seed, guidance)

    ways: dict[str, Sampler] = {"mlp": lambda features, _: mlp.leave(mlp(mlp.read(features)))}
    ways |= {f"flow {g}": one(g) for g in GUIDANCES}
    ways[f"flow {GUIDANCE} medoid"] = medoid(GUIDANCE)
    return ways


def train(tasks: list[Task], answers: Answers, run: Path, preset: Preset) -> dict[str, dict[str, AdapterMetrics]]:
    """Train every kind, judge it on its held-out rows, write `run/metrics.json`."""
    run.mkdir(parents=True, exist_ok=True)
    each = replace(preset, minutes=preset.minutes / len(tasks))
    report: dict[str, dict[str, AdapterMetrics]] = {}
    for task in tasks:
        flow, mlp = train_flow(task, answers, run, each), train_mlp(task, answers, run, each)
        truth = {"true pieces": _oracle(task.held_out, answers)}
        ways = truth | samplers(flow, mlp)
        report[task.kind] = {name: judge(way, task.held_out, answers) for name, way in ways.items()}
        print(table({task.kind: report[task.kind]}), flush=True)
    rows = {kind: {name: asdict(m) for name, m in ways.items()} for kind, ways in report.items()}
    (run / "metrics.json").write_text(json.dumps(rows, indent=1))
    return report


def table(report: Mapping[str, Mapping[str, AdapterMetrics]]) -> str:
    """The metrics in Markdown."""
    names = list(AdapterMetrics.__dataclass_fields__)
    lines = ["| kind | way | " + " | ".join(names) + " |", "|---|---|" + "--:|" * len(names)]
    for kind, ways in report.items():
        lines += [
            f"| {kind} | {w} | " + " | ".join(f"{getattr(m, n):.3f}" for n in names) + " |" for w, m in ways.items()
        ]
    return "\n".join(lines)


def _medoids(flow: FlowAdapter, features: Tensor, seed: int, guidance: float) -> Tensor:
    """Each row's own medoid: rows here are separate sources."""
    noise = _noise(CANDIDATES * len(features), flow.config.channels, seed)
    rows = features.repeat_interleave(CANDIDATES, dim=0)
    many = sample(flow, rows, noise, guidance=guidance).view(len(features), CANDIDATES, -1)
    best = torch.einsum("mkd,mjd->mkj", many, many).sum(2).argmax(1)
    return many[torch.arange(len(many)), best]


def _oracle(held_out: Examples, answers: Answers) -> Sampler:
    """Points of pieces that were drawn for the row: the best that any adapter can do."""

    def draw(_: Tensor, seed: int) -> Tensor:
        rng = np.random.default_rng((9, seed))
        return torch.from_numpy(answers.one_point(held_out.pool[:, -1 - seed % 8], rng))

    return draw


def _noise(rows: int, channels: int, seed: int) -> Tensor:
    return torch.randn(rows, channels, generator=torch.Generator().manual_seed(seed))


def _noisy(standard: Tensor, generator: torch.Generator) -> Tensor:
    return standard + FEATURE_NOISE * torch.randn(standard.shape, generator=generator)


def _config(task: Task, answers: Answers, preset: Preset) -> AdapterConfig:
    features, channels = task.train.features.shape[1], answers.points.shape[1]
    return AdapterConfig(task.kind, task.encoder, features, channels, **preset.sizes)


def _budget(preset: Preset, share: float) -> LoopConfig:
    steps, warmup = preset.steps, min(200, preset.steps // 5)
    return LoopConfig(
        steps, preset.minutes * share, preset.learning_rate, warmup=max(1, warmup), ema=0.998, seed=preset.seed
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--run", type=Path, default=Path("runs/adapters"))
    parser.add_argument("--photos", type=Path, help="a tar of photographs; without it all pictures are painted")
    parser.add_argument("--vision", type=Path, help="trained eyes; without them pictures are light and colour only")
    parser.add_argument("--preset", choices=sorted(ADAPTER), default="cpu")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    args = parser.parse_args()
    preset = ADAPTER[args.preset].limited(args.minutes)
    sizes = TaskSizes(12, 100, 120, 40, 60) if args.preset == "tiny" else TaskSizes()
    answers = load_answers(args.data)
    story = story_task(encode_sentences, answers, sizes, seed=preset.seed)
    eyes = Eyes.load(args.vision) if args.vision else None
    image, video = picture_tasks(args.photos, answers, sizes, seed=preset.seed, eyes=eyes)
    train([story, image, video], answers, args.run, preset)


if __name__ == "__main__":
    main()
