"""See and read: media and text to features, features to CLAP space."""
