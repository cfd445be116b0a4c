"""What died or went stale within the last access-token lifetime, known to every process within a second."""
