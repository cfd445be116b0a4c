"""Messages written in the same transaction as the change they tell of, delivered at least once by the worker."""
