"""Wire types: what goes over REST and into files. Pydantic only."""
