"""On what, from which source and with which weights something was measured."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """Where measurements come from."""

    machine: str
    date: str
    commit: str
    bundle: str

    def line(self, command: str, seconds: float) -> str:
        """One line for under a section's heading."""
        return f"`{command}`: {self.machine}; {self.date}; commit {self.commit}; {self.bundle}; {seconds:.0f} s\n"


def setting(bundle: str) -> Setting:
    """The machine, the moment and the commit, with a star where the working tree differs from it."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[0]
    machine = f"{os.cpu_count()} cores of {_processor()}, {memory_gib:.0f} GiB, load {busy:.1f} at the start"
    return Setting(machine, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), _commit(), bundle)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        git = ["git", "--no-optional-locks"]
        head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("*" if changed.stdout.strip() else "")
