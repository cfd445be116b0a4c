"""A mobile app in plain Python: the reference client, and a demonstration that runs it."""
