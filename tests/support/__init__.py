"""What several tests need: sign-in, servers, databases. No test is in here."""
