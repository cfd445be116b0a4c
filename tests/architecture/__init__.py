"""The tree holds what the documents promise."""
