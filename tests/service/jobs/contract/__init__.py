"""The contract of the queue, against the fake and against Redis."""
