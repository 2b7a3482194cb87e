"""Commands of the command line that came with the service, one module each."""
