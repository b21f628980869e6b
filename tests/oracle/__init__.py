"""An independent second opinion on the judgements: the rules read from their text alone, in plain Python, exactly.

Nothing here imports the product. It is slow and literal on purpose: where it and the product differ, one of them has
misread the rules, and the comment at the spot quotes the sentence it rests on.
"""
