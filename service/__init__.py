"""Serve: the command line, the pipeline and, later, the API; the only package that knows all others."""
