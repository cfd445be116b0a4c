"""People: the user model, whether they may have tokens, and what their roles allow."""
