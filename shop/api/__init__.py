"""The ledger for partner tools: products, customers, orders, refunds, events."""
