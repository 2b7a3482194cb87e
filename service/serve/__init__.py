"""Everything on one machine under one command: Redis, API and workers."""
