"""Published latent diffusion models of music, read from a local folder and sampled as flows."""
