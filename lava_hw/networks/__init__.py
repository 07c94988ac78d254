"""Networks that are written as algebra on vectors and matrices."""
