"""A simulated Amazon and a real Home Assistant: what scripts/demo shows and the tests share."""
