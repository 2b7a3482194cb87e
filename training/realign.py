"""Teach a flow the points of a new CLAP by a change of basis: `python -m training.realign --flow F --old O --new N`.

Both files hold points of the same texts, row by row. The flow's first layers, which read points linearly, are told
where the old space lay in the new one (least squares), so that a short training from there is enough.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig

RIDGE = 1e-3  # of the points' mean square: directions that the new space hardly uses stay small


def basis(new: NDArray[np.float32], old: NDArray[np.float32]) -> NDArray[np.float32]:
    """The matrix [D_new D_old] that takes new points [N D_new] nearest to old ones [N D_old].

    Raises:
        ValueError: the points do not belong together, or are too few to tell.
    """
    if len(new) != len(old) or len(new) < 2 * new.shape[1]:
        raise ValueError(f"{len(new)} new and {len(old)} old points; give the same texts' points, many of them")
    square = new.T @ new
    ridge = RIDGE * float(np.trace(square)) / len(square)
    out: NDArray[np.float32] = np.linalg.solve(square + ridge * np.eye(len(square)), new.T @ old).astype(np.float32)
    return out


@torch.no_grad()
def realigned(net: DiT, change: NDArray[np.float32]) -> DiT:
    """A net of the same function that reads new points; the flag behind a point stays as it is."""
    old_width, new_width = net.config.embedding - 1, change.shape[0]
    out = DiT(replace(net.config, embedding=new_width + 1))
    state = net.state_dict()
    turn = torch.from_numpy(change)  # [new old]
    for name in ("enter.weight", "guide.weight"):
        weight = state[name]
        before, read, flag = weight[:, : -old_width - 1], weight[:, -old_width - 1 : -1], weight[:, -1:]
        state[name] = torch.cat([before, read @ turn.T, flag], dim=1)
    out.load_state_dict(state)
    return out


def explained(new: NDArray[np.float32], old: NDArray[np.float32], change: NDArray[np.float32]) -> float:
    """Mean cosine of the turned new points with the old ones."""
    turned = new @ change
    turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
    return float((turned * old).sum(axis=1).mean())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flow", type=Path, required=True)
    parser.add_argument("--old", type=Path, required=True, help="points of texts in the space it knows, .npy")
    parser.add_argument("--new", type=Path, required=True, help="points of the same texts in the new space, .npy")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    old, new = (np.load(p).astype(np.float32) for p in (args.old, args.new))
    change = basis(new, old)
    net = realigned(load_module(args.flow, DiT, DiTConfig), change)
    save_module(args.out, net, net.config)
    print(f"mean cosine of turned points with old ones: {explained(new, old, change):.3f}")


if __name__ == "__main__":
    main()
