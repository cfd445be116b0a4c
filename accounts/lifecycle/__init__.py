"""An account begins, changes and ends: who may do it to whom, in one transaction with its feed entry and audit event."""
