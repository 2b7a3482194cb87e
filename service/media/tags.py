"""What is written into every file: its title, what made it, and from which seed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tags:
    """Title and provenance of a piece of music."""

    title: str
    seed: int
    bundle: str
    software: str = "Tonereel"

    def metadata(self) -> dict[str, str]:
        """The tags by the names that FFmpeg's muxers translate for every container."""
        provenance = f"Composed by {self.software}; bundle {self.bundle}; seed {self.seed}"
        return {"title": self.title, "artist": self.software, "encoder": self.software, "comment": provenance}
