"""The way out: fetching from and posting to addresses that users name, and nowhere else."""
