"""Measures what faults do to the service: `python -m benchmarks.service_faults --only f1,f6`.

Redis, API, supervisors and children are real processes, which are killed; the engine makes nothing.
"""

from benchmarks.service_kills import deadly_job, frozen, one_kill, random_kills
from benchmarks.service_outage import cancelled, cut_streams, redis_killed, same_key
from benchmarks.service_report import Part, main
from benchmarks.service_submit import burst

PARTS = {
    "f1": Part(
        "F1, workers killed at random",
        "300 jobs of 0.2 s, 4 workers, every 1.5 s SIGKILL to a supervisor or a child, chosen by chance, until the "
        "last job has ended; a killed supervisor is started again at once. Default settings (lease 30 s, batches of up "
        "to 4). Ends are counted from `done` events in Redis and from records, executions by the engine.",
        random_kills,
    ),
    "f2": Part(
        "F2, a kill in the midst of a job",
        "2 workers, default settings; from the SIGKILL to the moment when the engine begins the job again.",
        one_kill,
    ),
    "f3": Part(
        "F3, a worker that comes back from the dead",
        "2 workers, default settings; the one that has the job gets SIGSTOP for 3 leases, then SIGCONT.",
        frozen,
    ),
    "f5": Part(
        "F5, a job that kills its worker",
        "Default settings; 8 other jobs are submitted right after it, and one more at each kill. One worker where the "
        "child is killed, two where the supervisor is; those that ended are started again.",
        deadly_job,
    ),
    "f6": Part(
        "F6, Redis killed in traffic",
        "4 clients submit some 5 jobs a second each, 2 workers make them; the embedded Redis gets SIGKILL, is away for "
        "a while and is started again on the same folder.",
        redis_killed,
    ),
    "f8": Part("F8, cancelling", "1 worker, default settings; from POST to the status `cancelled`.", cancelled),
    "f12": Part(
        "F12, more than the queue takes",
        "10 clients submit 10,000 jobs against a bound of 1,000, no worker runs.",
        burst,
    ),
    "f13": Part(
        "F13, the same request many times at once",
        "100 connections send the same body with one Idempotency-Key at once; 10 rounds, each with a key of its own.",
        same_key,
    ),
    "f14": Part(
        "F14, a stream of events that is cut",
        "A job of 30 s tells its progress twice a second; the client's connection is aborted 20 times at random "
        "moments.",
        cut_streams,
    ),
}

if __name__ == "__main__":
    main("benchmarks.service_faults", PARTS)
