"""The pages of the shop: products, customers, and what the demo data is."""
