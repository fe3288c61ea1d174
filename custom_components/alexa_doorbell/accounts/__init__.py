"""Who is linked: the Amazon accounts, their tokens, and where Amazon is."""
