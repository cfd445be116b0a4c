"""The staff's side: the Django admin, without a session."""
