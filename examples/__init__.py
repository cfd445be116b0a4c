"""Programs that use Signet from outside; nothing of the server is imported here."""
