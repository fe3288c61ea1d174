"""The simulated Amazon refuses what Amazon refuses."""
