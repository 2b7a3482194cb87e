"""Measures the service under load and updates the results: `python -m benchmarks.service_load --only burst,serve`.

Uvicorn, the embedded Redis and the workers run in processes of their own; the clients are raw sockets in this one.
"""

from benchmarks.service_memory import serve, streams, uploads
from benchmarks.service_report import Part, main
from benchmarks.service_submit import burst, rate, submit_latency

PARTS = {
    "submit": Part(
        "submitting",
        "POST /v1/soundtracks with a caption, all accepted, no worker running, connections that are kept. Each client "
        "asks again as soon as it is answered, so the one API process is always busy; the last rows are below that. "
        "Client times are from the first byte sent to the last received; the API's own are from its histogram, whose "
        "buckets end at 25, 50, 100 and 250 ms, so they are rough.",
        submit_latency,
    ),
    "burst": Part(
        "ten thousand submissions (F12)",
        "10 clients submit 10,000 jobs as fast as they are answered against TONEREEL_MAX_OUTSTANDING=1000; no worker "
        "runs, so no place comes free. The API's own p99 is from its histogram (buckets end at 10, 25 and 50 ms).",
        burst,
    ),
    "rate": Part(
        "jobs a second",
        "An engine that writes a small file and nothing else, in real workers; 10 clients submit 1,000 jobs. A single "
        "job is a POST with `Prefer: wait=30`.",
        rate,
    ),
    "streams": Part(
        "idle streams of events",
        "Clients follow 10 queued jobs for 20 s, over the first ping.",
        streams,
    ),
    "upload": Part(
        "large uploads",
        "One upload of 400 MB to `/v1/uploads` and one as the video of a form to `/v1/soundtracks`; peak resident "
        "memory (VmHWM) against the resident memory before.",
        uploads,
    ),
    "serve": Part(
        "starting",
        "`tonereel serve` on an empty folder with the shipped bundle: embedded Redis, API, one worker, until it prints "
        "that it is ready; what Python has compiled stays between starts.",
        serve,
        engine="the shipped bundle",
    ),
}

if __name__ == "__main__":
    main("benchmarks.service_load", PARTS)
