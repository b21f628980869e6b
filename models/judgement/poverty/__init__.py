"""Judgement 1: economic level of the household, nurturing level of the child, and the rank of both."""
