"""People who come from elsewhere: one file a source that reads its export, one that stores what was read."""
