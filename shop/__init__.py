"""What happened: products, customers, consent, orders, refunds, events. Knows no other app."""
