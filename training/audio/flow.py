"""Train the audio flow: `python -m training.audio flow`, after `aligned`, `codec` and `timbres`."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from generators.audio.codec import AudioCodec
from generators.audio.conditions import CURVES, FOLLOWED, KINDS, WIDTHS, Conditions, Follow, local_width
from generators.audio.windows import WINDOW
from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.path import logit_normal
from training.audio import recorded
from training.audio.crew import Crew
from training.audio.draws import Ahead, workers_for
from training.audio.latents import Told, encode_all, encode_pool, encoder, kit_of, load_all
from training.flow import noise_for, velocity_loss
from training.growth import deepened
from training.loop import START, Loop, LoopConfig
from training.manifest import sha256_of
from training.presets import AUDIO_FLOW, Preset, asked

NAMES = list(WIDTHS)
CLAP_DROP = 0.15
CLAP_NOISE = 0.05  # as for the score flow: towers and adapters miss by more than nothing
ALL_FREE = 0.08  # examples in which nothing is told: what guidance moves away from
CURVE_DROP, NO_CURVE = 0.3, 0.4  # each curve alone, all of them together
IN_PLACE, BESIDE = 0.22, 0.18  # examples in which sound stays in its place, or plays beside
EVALUATE_EVERY = 250
GUESS = 3  # latents from which the linear guess of one is made
GUESSED_FROM, AT_ONCE = 64, 8  # batches, and examples in each, whatever the preset's are: the processor fits
EARLY = -1.0  # mean of the times' logit: told of every note, a net learns most where x_t itself tells little
#: How often an example is told what: the groups of a `Follow`, or each group with an even chance.
FOLLOWS: dict[Follow | None, float] = {
    Follow.SCORE: 0.4,
    Follow.CHORDS: 0.1,
    Follow.BEATS: 0.1,
    Follow.NOTHING: 0.2,
    None: 0.2,
}


class ClipSampler:
    """Draws stretches of clips with conditions dropped at random: anything may be told, anything may be free.

    `weights` [C] say how much the channels count: white latents are all of one size, but are not heard alike.
    """

    def __init__(self, clips: Sequence[Told], *, frames: int = WINDOW, weights: Tensor | None = None) -> None:
        self.clips, self.frames = clips, frames
        self.weights = torch.ones(clips[0].sound.shape[2]) if weights is None else weights / weights.mean()

    def draw(self, n: int, rng: np.random.Generator, *, device: str = "cpu") -> tuple[Tensor, Conditions]:
        """x_1 [n T C], latents of mixes and stems, and what is told of them."""
        drawn = [self._one(self.clips[int(rng.integers(len(self.clips)))], rng) for _ in range(n)]
        columns = zip(*drawn, strict=True)
        x_1, bytes_, masks, clap, sound, kinds = (torch.from_numpy(np.stack(c)).to(device) for c in columns)
        widths = torch.tensor(list(WIDTHS.values()), device=device)
        values = bytes_.float() / 255.0 * masks.repeat_interleave(widths, dim=2)
        sound, clap = sound.float(), clap[:, None].expand(-1, self.frames, -1)
        return x_1.float(), Conditions(values, masks.float(), clap, sound, kinds.float())

    def _one(self, clip: Told, rng: np.random.Generator) -> tuple[NDArray[np.generic], ...]:
        start = int(rng.integers(clip.sound.shape[1] - self.frames + 1))
        here = slice(start, start + self.frames)
        mix, stem, rest = clip.sound[:, here]
        task = rng.random()
        beside = clip.stem_role >= 0 and task < BESIDE
        target = stem if beside else mix
        kinds = np.zeros((self.frames, KINDS), bool)
        sound = np.zeros_like(target)
        if beside:
            kinds[:, 1], sound = True, rest
        elif task > 1.0 - IN_PLACE:
            stays = given_span(self.frames, rng)
            kinds[stays, 0], sound[stays] = True, target[stays]
        kept = kept_groups(self.frames, rng)
        masks = clip.masks[int(beside), here] & kept
        clap = self._clap(clip, rng) * np.float32(kept.any() or rng.random() > 0.5)
        return target, clip.values[int(beside), here], masks, clap, sound, kinds

    def _clap(self, clip: Told, rng: np.random.Generator) -> NDArray[np.float32]:
        point = clip.clap.astype(np.float32)
        if rng.random() < CLAP_DROP:
            return np.zeros_like(point)
        point = point + CLAP_NOISE * rng.standard_normal(len(point)).astype(np.float32)
        unit: NDArray[np.float32] = point / np.linalg.norm(point)
        return unit


def kept_groups(frames: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which groups are told, bool [T len(WIDTHS)]: curves one by one and accents sparsely, the roll as it is asked."""
    if rng.random() < ALL_FREE:
        return np.zeros((frames, len(WIDTHS)), bool)
    follow = list(FOLLOWS)[int(rng.choice(len(FOLLOWS), p=list(FOLLOWS.values())))]
    told = {name for name in WIDTHS if rng.random() < 0.5} if follow is None else set(FOLLOWED[follow])
    dropped = 1.0 if rng.random() < NO_CURVE else CURVE_DROP
    told = {name for name in told if name not in CURVES} | {name for name in CURVES if rng.random() > dropped}
    kept = np.tile([name in told for name in WIDTHS], (frames, 1))
    kept[:, NAMES.index("accents")] &= rng.random() < 0.5
    if rng.random() < 0.2:
        a, b = np.sort(rng.integers(0, frames + 1, 2))
        kept[a:b, rng.integers(len(WIDTHS))] = False
    return kept


def given_span(frames: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Where sound stays, bool [T]: a beginning, an end, all but a hole, or a stretch of the middle."""
    a, b = np.sort(rng.choice(np.arange(1, frames), 2, replace=False))
    stays = np.zeros(frames, bool)
    kind = rng.integers(4)
    if kind == 0:
        stays[:a] = True
    elif kind == 1:
        stays[b:] = True
    else:
        stays[a:b] = True
        stays = ~stays if kind == 2 else stays
    return stays


def flow_loss(
    net: DiT,
    x_1: Tensor,
    told: Conditions,
    *,
    weights: Tensor,
    generator: torch.Generator,
    transport: bool = False,
) -> Tensor:
    """Squared error of the velocity where sound is asked for, channels by `weights` [C]; what stays is clean in x_t."""
    weight = told.asked * weights.to(x_1.device)
    x_0 = noise_for(x_1, generator=generator, transport=transport)
    return velocity_loss(net, x_1, told, weight, x_0=x_0, t=logit_normal(len(x_1), generator=generator, mean=EARLY))


@torch.no_grad()
def held_out_loss(net: DiT, tests: ClipSampler, *, batches: int, size: int) -> float:
    """The loss on held-out clips with fixed draws, so that two runs can be compared."""
    total = 0.0
    for i in range(batches):
        x_1, told = tests.draw(size, np.random.default_rng((7, i)), device=str(net.leave.weight.device))
        total += float(flow_loss(net, x_1, told, weights=tests.weights, generator=torch.Generator().manual_seed(i)))
    return total / batches


def new_net(channels: int, *, clap_dim: int, preset: Preset) -> DiT:
    """A velocity net of the preset's size for a codec's latents."""
    torch.manual_seed(preset.seed)
    width, depth, heads = (preset.sizes[name] for name in ("width", "depth", "heads"))
    config = DiTConfig(
        channels, local_width(channels), clap_dim + 1, width, depth, heads, shared=True, reach=preset.sizes["reach"],
        guess=GUESS,
    )  # fmt: skip
    return DiT(config)


@torch.no_grad()
def fit_guess(net: DiT, sampler: ClipSampler, *, batches: int, size: int, ridge: float = 30.0) -> None:
    """Begin with the best linear guess of the data from what is told nearby: least squares over drawn examples."""
    assert net.guess is not None
    columns = net.guess.weight[0].numel() + 1
    products, towards = torch.zeros(columns, columns).double(), torch.zeros(columns, net.config.channels).double()
    for i in range(batches):
        x_1, told = sampler.draw(size, np.random.default_rng((13, i)))
        around = nn.functional.unfold(told.local.mT[..., None, :], (1, GUESS), padding=(0, GUESS // 2)).mT
        known = torch.cat([around, torch.ones_like(around[..., :1])], dim=-1)[told.asked[..., 0]]
        products += (known.T @ known).double()
        towards += (known.T @ x_1[told.asked[..., 0]]).double()
    found = torch.linalg.solve(products + ridge * torch.eye(columns).double(), towards).float().T
    net.guess.weight.copy_(found[:, :-1].reshape(net.guess.weight.shape))
    net.guess.bias.copy_(found[:, -1])  # type: ignore[union-attr]


def train(
    net: DiT,
    sampler: ClipSampler,
    tests: ClipSampler,
    *,
    run: Path,
    preset: Preset,
    write: Callable[[DiT], None] | None = None,
) -> DiT:
    """Train a net and `write` it, as `run/flow.safetensors` if not told how; its average also at each measurement."""
    write = write or (lambda made: save_module(run / "flow.safetensors", made, net.config))
    loop = Loop(net, run, replace(LoopConfig.of(preset), log_every=50, checkpoint_every_s=120.0))
    ahead = Ahead(
        lambda step: sampler.draw(preset.batch, np.random.default_rng((preset.seed, step)), device=preset.device),
        workers=workers_for(preset.device),
    )

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        x_1, told = ahead.of(step)
        value = flow_loss(loop.module, x_1, told, weights=sampler.weights, generator=generator, transport=True)
        if (step + 1) % EVALUATE_EVERY:
            return value, {}
        write(loop.average)
        return value, {"held_out": held_out_loss(loop.average, tests, batches=4, size=12)}

    trained = loop.run(loss)
    write(trained)
    return trained


def samplers(args: argparse.Namespace, codec: AudioCodec) -> tuple[ClipSampler, ClipSampler]:
    """Training and held-out clips, of the recordings of `--audio` or rendered; what is not yet encoded is, first."""
    if args.audio is not None:
        from encoders.clap import Clap
        from generators.score.style import STYLES

        return _both(*recorded.clips(args, codec, Clap.load(args.clap, [s.value for s in STYLES])), codec)
    crew = Crew(partial(kit_of, args.codec, args.clap), args.workers)
    for split in () if args.encoded else ("train", "valid"):
        encode_all(args.aligned / split, args.latents / split, crew)
        encode_pool(args.pool / split, args.latents / split, crew, corpus=args.data)
    train_clips, test_clips = (load_all(args.latents / split, least=WINDOW) for split in ("train", "valid"))
    return _both(train_clips, test_clips, codec)


def _both(
    train_clips: Sequence[Told], test_clips: Sequence[Told], codec: AudioCodec
) -> tuple[ClipSampler, ClipSampler]:
    print(f"{len(train_clips)} clips, {len(test_clips)} held out", flush=True)
    weights = codec.vae.latent_std
    return ClipSampler(train_clips, weights=weights), ClipSampler(test_clips, weights=weights)


def run(args: argparse.Namespace) -> None:
    """Train as the command line asks."""
    folder = args.run or Path("runs/audio/flow")
    preset = asked(AUDIO_FLOW, args)
    codec = encoder(args.codec)
    sampler, tests = samplers(args, codec)
    if args.lora is not None:
        from training.audio import adapt  # which trains by this module's means

        adapt.over(args, codec, (sampler, tests), preset=preset)
        return
    net = new_net(codec.channels, clap_dim=len(sampler.clips[0].clap), preset=preset)
    if args.start is None:
        fit_guess(net, sampler, batches=min(GUESSED_FROM, preset.steps), size=AT_ONCE)
    else:
        net = deepened(load_module(args.start, DiT, DiTConfig), preset.sizes["depth"]).requires_grad_()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / START).write_text(sha256_of(args.start))
    train(net, sampler, tests, run=folder, preset=preset)
