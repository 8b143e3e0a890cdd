"""From an executed notebook to a published pack."""
