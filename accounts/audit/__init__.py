"""What happened to accounts, devices and keys: append-only, read by staff."""
