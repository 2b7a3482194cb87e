"""Sizes and budgets of every stage: `tiny` for tests (seconds), `cpu` for two cores (hours), `gpu` (minutes)."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Preset:
    """steps or minutes end a stage, whichever comes first; `sizes` are the fields of the stage's model config.

    `compiled` lets PyTorch fuse the net's layers: it takes a minute or two, and gained nothing on two cores. What `gpu`
    makes of the audio engine fits into the bundle, in eight bits, beside what the bundle has.
    """

    steps: int
    batch: int
    minutes: float = 1e9
    learning_rate: float = 1e-3
    seed: int = 0
    device: str = "cpu"
    bfloat16: bool = True
    compiled: bool = False
    sizes: dict[str, int] = field(default_factory=dict)

    def limited(
        self, minutes: float | None, *, float32: bool = False, rate: float | None = None, device: str | None = None
    ) -> "Preset":
        """The same with another limit in minutes, learning rate or device, or in float32, faster on some processors."""
        on = self.device if device is None else device
        return replace(
            self,
            minutes=self.minutes if minutes is None else minutes,
            learning_rate=self.learning_rate if rate is None else rate,
            bfloat16=self.bfloat16 and not float32,
            device=on,
            compiled=self.compiled and on != "cpu",
        )


CODEC: dict[str, Preset] = {
    "tiny": Preset(60, 64, learning_rate=5e-3, sizes={"channels": 8, "harmony": 4, "width": 32}),
    "cpu": Preset(20_000, 256, minutes=30, sizes={"channels": 48, "harmony": 12, "width": 512}),
    "gpu": Preset(60_000, 1024, minutes=6, device="cuda", sizes={"channels": 48, "harmony": 12, "width": 1024}),
}
FLOW: dict[str, Preset] = {
    "tiny": Preset(20, 8, sizes={"width": 32, "depth": 2, "heads": 2}),
    "cpu": Preset(60_000, 48, minutes=120, learning_rate=8e-4, sizes={"width": 256, "depth": 6, "heads": 4}),
    "gpu": Preset(
        60_000, 256, minutes=9, learning_rate=6e-4, device="cuda", sizes={"width": 512, "depth": 12, "heads": 8}
    ),
}
DISTIL: dict[str, Preset] = {  # of the teacher's own size
    "tiny": Preset(20, 8),
    "cpu": Preset(6_000, 32, minutes=25, learning_rate=3e-4),
    "gpu": Preset(20_000, 256, minutes=6, learning_rate=3e-4, device="cuda"),
}
CLAP: dict[str, Preset] = {
    "tiny": Preset(10, 16, sizes={"width": 16, "dim": 16}),
    "cpu": Preset(6_000, 128, minutes=25, sizes={"width": 48, "dim": 128}),
    "gpu": Preset(20_000, 512, minutes=6, device="cuda", sizes={"width": 96, "dim": 128}),
}
ADAPTER: dict[str, Preset] = {
    "tiny": Preset(20, 32, sizes={"width": 32, "depth": 2}),
    "cpu": Preset(3_000, 192, minutes=5, sizes={"width": 256, "depth": 3}),  # minutes for all three kinds together
    "gpu": Preset(20_000, 1024, minutes=2, sizes={"width": 512, "depth": 6}),
}
FEELING: dict[str, Preset] = {
    "tiny": Preset(60, 64, learning_rate=3e-3, sizes={"width": 16}),
    "cpu": Preset(800, 256, sizes={"width": 192}),
    "gpu": Preset(800, 256, sizes={"width": 192}),
}
VISION: dict[str, Preset] = {
    "tiny": Preset(30, 32, learning_rate=3e-3, sizes={"width": 8, "size": 32, "compact": 8}),
    "cpu": Preset(9_000, 64, minutes=45, learning_rate=2e-3, sizes={"width": 32, "size": 96, "compact": 48}),
    "gpu": Preset(40_000, 256, minutes=8, learning_rate=3e-3, sizes={"width": 48, "size": 112, "compact": 64}),
}
AUDIO_CODEC: dict[str, Preset] = {
    "tiny": Preset(30, 2, sizes={"channels": 8, "width": 16, "hidden": 16, "depth": 1}),
    "cpu": Preset(30_000, 6, minutes=30, learning_rate=1.5e-3, bfloat16=False),
    "gpu": Preset(60_000, 128, minutes=4, device="cuda"),
}
AUDIO_VOCODER: dict[str, Preset] = {
    "tiny": Preset(20, 2, sizes={"width": 16, "hidden": 16, "depth": 1, "shaped": 64, "phased": 64, "anchored": 8}),
    "cpu": Preset(60_000, 4, minutes=90, learning_rate=2e-3, bfloat16=False),
    "gpu": Preset(80_000, 64, minutes=6.5, device="cuda", sizes={"width": 256, "hidden": 768, "depth": 8}),
}
AUDIO_FLOW: dict[str, Preset] = {
    "tiny": Preset(40, 8, learning_rate=5e-3, sizes={"width": 16, "depth": 2, "heads": 2, "reach": 3}),
    "cpu": Preset(
        40_000, 8, minutes=75, learning_rate=1.5e-3, bfloat16=False,
        sizes={"width": 128, "depth": 10, "heads": 4, "reach": 7},
    ),
    "gpu": Preset(
        60_000, 128, minutes=10, learning_rate=6e-4, device="cuda", compiled=True,
        sizes={"width": 256, "depth": 12, "heads": 4, "reach": 7},
    ),
}  # fmt: skip
AUDIO_DISTIL: dict[str, Preset] = {  # of the teacher's own size
    "tiny": Preset(20, 4),
    "cpu": Preset(3_000, 8, minutes=20, learning_rate=3e-4, bfloat16=False),
    "gpu": Preset(10_000, 64, minutes=6, learning_rate=3e-4, device="cuda"),
}


def asked(presets: Mapping[str, Preset], args: argparse.Namespace) -> Preset:
    """The preset that a command line names, with what else it says of it."""
    named = presets[args.preset]
    return named.limited(args.minutes, float32=args.float32, rate=args.rate, device=args.device)
