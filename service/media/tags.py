"""What is written into every file: its title, what made it, and from which seed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tags:
    """Title and provenance of a piece of music; of one that was only edited here the artist is somebody else."""

    title: str
    seed: int
    bundle: str
    software: str = "Tonereel"
    edited: bool = False

    def metadata(self) -> dict[str, str]:
        """The tags by the names that FFmpeg's muxers translate for every container."""
        made = "Edited" if self.edited else "Composed"
        provenance = f"{made} by {self.software}; bundle {self.bundle}; seed {self.seed}"
        artist = {} if self.edited else {"artist": self.software}
        return {"title": self.title, **artist, "encoder": self.software, "comment": provenance}
