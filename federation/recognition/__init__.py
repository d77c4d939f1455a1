"""Benefits 惠民便企场景: what a firm has earned in one region and may use in another."""
