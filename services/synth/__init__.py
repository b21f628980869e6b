"""A synthetic city: feed files as departments would hand them over, and the truth beside them."""
