"""The reference client, the demonstration and the document that quotes them."""
