"""One training loop for every stage: seeded, logged, resumable, with warm-up, cosine decay and an averaged copy."""

import json
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from training.presets import Preset
from training.state import Progress, load_state, save_state

START = "start.sha256"  # in a run's folder: of the weights that it began with


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """steps: in all; minutes: stop earlier and keep the state; the decay follows whichever is further along."""

    steps: int
    minutes: float = 1e9
    learning_rate: float = 1e-3
    warmup: int = 200
    weight_decay: float = 0.01
    ema: float = 0.999
    checkpoint_every_s: float = 180.0
    log_every: int = 100
    seed: int = 0
    bfloat16: bool = False
    device: str = "cpu"
    compiled: bool = False

    @classmethod
    def of(cls, preset: Preset) -> "LoopConfig":
        """What a preset says of it."""
        shared = {f.name for f in fields(cls)} & {f.name for f in fields(preset)}
        return cls(**{name: getattr(preset, name) for name in shared})


M = TypeVar("M", bound=nn.Module)
Loss = Callable[[int, torch.Generator], tuple[Tensor, dict[str, float]]]


class Loop(Generic[M]):
    """Minimises `loss(step, generator)` over a module's parameters; `average` is its exponential moving average."""

    def __init__(self, module: M, folder: Path, config: LoopConfig) -> None:
        self.module, self.folder, self.config = module.to(config.device), folder, config
        self.average = deepcopy(module).eval().requires_grad_(requires_grad=False)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            trained, lr=config.learning_rate, betas=(0.9, 0.98), weight_decay=config.weight_decay
        )
        self.step = 0
        self.spent_s = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        if config.compiled:
            torch._dynamo.config.suppress_errors = True  # what cannot be compiled, or not here, runs as it is
            module.compile()
        (folder / "loop.json").write_text(json.dumps(asdict(config), indent=1))
        self._resume()

    def run(self, loss: Loss) -> M:
        """Train to the end of the budget; returns the averaged module, on the CPU."""
        began = time.monotonic() - self.spent_s
        saved = time.monotonic()
        self.module.train()
        while self.step < self.config.steps and self.spent_s < 60.0 * self.config.minutes:
            generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.step)
            rate = self._rate()
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            with torch.autocast(self.config.device, torch.bfloat16, enabled=self.config.bfloat16):
                value, figures = loss(self.step, generator)
            self.optimiser.zero_grad(set_to_none=True)
            value.backward()
            nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
            self.optimiser.step()
            self._average()
            self.step += 1
            self.spent_s = time.monotonic() - began
            if self.step % self.config.log_every == 0:
                self._log({"loss": float(value.detach()), "rate": rate, **figures})
            if time.monotonic() - saved > self.config.checkpoint_every_s:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.average.cpu()

    def save(self) -> None:
        """Write the whole state, in files of a bounded size."""
        progress = Progress(self.step, self.spent_s)
        save_state(self.folder, self.module, self.average, self.optimiser, progress)

    def _resume(self) -> None:
        progress = load_state(self.folder, self.module, self.average, self.optimiser)
        if progress is not None:
            self.step, self.spent_s = progress.step, progress.spent_s

    def _rate(self) -> float:
        done = max(self.step / self.config.steps, self.spent_s / 60.0 / self.config.minutes)
        warm = min(1.0, (self.step + 1) / min(self.config.warmup, 1 + self.config.steps // 10))
        return self.config.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        for mean, now in zip(self.average.parameters(), self.module.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)
        for held, fresh in zip(self.average.buffers(), self.module.buffers(), strict=True):
            held.copy_(fresh)

    def _log(self, figures: dict[str, float]) -> None:
        row = {
            "step": self.step,
            "minutes": round(self.spent_s / 60, 2),
            **{k: round(v, 6) for k, v in figures.items()},
        }
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)
