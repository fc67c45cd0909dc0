"""What we decide: segments, campaigns, spend, attribution and the reports over them."""
