"""The flow core: paths, solvers, guidance and velocity nets. Imports nothing of ours."""
