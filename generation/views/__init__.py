"""The pages of generation, one module a noun."""
