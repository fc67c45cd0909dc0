"""Teaching a model from pairs of briefs and texts, and comparing what it writes before and after."""
