"""Public-health statistics: arrays and frames in, arrays and frames out, no files."""
