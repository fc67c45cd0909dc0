"""What one customer is offered: product, discount, code and last day."""
