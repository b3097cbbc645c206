"""Small functions, written as users write them, grouped by topic."""
