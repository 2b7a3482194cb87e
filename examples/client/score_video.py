"""Score a video with a running service: `python examples/client/score_video.py clip.mp4 scored.mp4`.

The service's address and an API key, where one is asked for, come from TONEREEL_URL and TONEREEL_API_KEY.
"""

import sys
from pathlib import Path

from service.client import ClientError, Tonereel


def main(video: Path, scored: Path) -> None:
    """Submit, follow, download."""
    with Tonereel() as tonereel:
        job = tonereel.submit(video=video, format="mp4", seed=7)
        for event in tonereel.stream(job):
            if event.progress is not None:
                print(f"{event.stage}: {event.progress:.0%}", file=sys.stderr)
        job = tonereel.wait(job)
        if job.error is not None:
            sys.exit(f"{job.id} failed: {job.error.detail}")
        for output in job.outputs:
            if output.kind == "video":
                print(tonereel.download(output, scored))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python score_video.py VIDEO SCORED.mp4")
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except ClientError as error:
        sys.exit(str(error))
