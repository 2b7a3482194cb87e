"""The shipped bundle, through the public command line."""
