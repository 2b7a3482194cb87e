"""What a bundle is judged by: one module for each question, all asked of what nothing was trained on."""
