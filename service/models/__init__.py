"""Models on this machine beside the one that comes with the program: where they are kept and how they get there."""
