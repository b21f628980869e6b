"""Judgement 3, 非認知能力等判定: eight questionnaire scales against the year group, and absence."""

from models.judgement.noncognitive.judge import judge_noncognitive

__all__ = ["judge_noncognitive"]
