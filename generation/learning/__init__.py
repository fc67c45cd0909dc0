"""Learning from the shop: data sets from its texts, teaching, evaluation, promotion, and forgetting."""
