"""Real servers, databases and workers under races, kills and outages. Nothing here runs inside a test transaction."""
