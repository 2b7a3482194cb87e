"""Many pieces of music with one command: a manifest or a folder goes in, files and one summary come out."""
