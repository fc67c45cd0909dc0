"""The pages of campaigns, segments, spend and figures, one module a noun."""
