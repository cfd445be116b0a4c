"""Words that every package needs: errors, crypto, limits, gates, the asker's address."""
