"""What the maker of a skill uses: a simulated AWS, and Amazon's skill management."""
