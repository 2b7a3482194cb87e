"""Music as audio: a codec of log-mel spectrograms and the vocoder that turns them back into sound."""
