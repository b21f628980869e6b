"""Judgement 2, 学力判定: the mean deviation score of the latest survey, and how it changed."""

from models.judgement.learning.judge import judge_learning

__all__ = ["judge_learning"]
