"""Where artifacts and uploads lie: one port over a local folder, an S3-compatible server, or memory."""
