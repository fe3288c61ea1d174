"""Is it a press, and its way out: the rules, the watch, the delivery."""
