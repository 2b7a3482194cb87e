"""What a worker works with: its ports, and what is built around them."""

from dataclasses import dataclass, field

from service.jobs.port import JobLeases, JobQueue
from service.observe.metrics import Metrics
from service.observe.tracing import NoTracing, Tracing
from service.records.port import Records
from service.settings import Settings
from service.store.port import ArtifactStore
from service.worker.closing import Closing
from service.worker.desk import Desk
from service.worker.holding import Holding
from service.worker.inputs import Fetch, Inputs
from service.worker.process import Bench
from service.worker.scratch import Scratch
from service.worker.teller import Teller


@dataclass(frozen=True)
class Ports:
    """Everything outside the process that a worker talks to; `jobs` and `leases` are two sides of one queue."""

    leases: JobLeases
    jobs: JobQueue
    store: ArtifactStore
    records: Records
    fetch: Fetch
    metrics: Metrics
    tracing: Tracing = field(default_factory=NoTracing)


@dataclass(frozen=True)
class Shop:
    """The parts of one worker."""

    settings: Settings
    metrics: Metrics
    tracing: Tracing
    closing: Closing
    bench: Bench
    holding: Holding
    teller: Teller
    desk: Desk
    inputs: Inputs
    records: Records
    scratch: Scratch
