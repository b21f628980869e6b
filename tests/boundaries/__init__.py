"""The boundary table: every line of the default rules and of their readings, as what offices hold and what is judged.

Where each reading of the rules is shown, through the command line (`B` tests/integration/test_boundaries.py, `J`
tests/integration/test_bad_judging.py; other files by name):

     1 known-at                B known when; test_intake_batches (`--initial` twice)
     2 versions                B history.LATE
     3 ends, months            B poverty.ECONOMIC, NURTURING
     4 imprecise dates         B poverty, overall.SCOPE
     5 missing feeds           B without a feed
     6 scope                   B overall.SCOPE; test_bad_input (older than 18)
     7 household               B poverty.ECONOMIC, overall.SCOPE; J (two households)
     8 tax class               B poverty.ECONOMIC
     9 生活保護, 児童扶養手当    B poverty.ECONOMIC
    10 就学援助                B poverty.ECONOMIC
    11 nurturing               B poverty.NURTURING
    12 scores                  B school.LEARNING, norms.GRADE; J (marks above the maximum, two scores)
    13 T                       B school.LEARNING
    14 rounding                B school.LEARNING, norms.SWITCHES
    15 keys and norms          B norms.GRADE; J (a wrong key replaced, a grade of three)
    16 which survey            B school.NONCOGNITIVE; J (a form without a key)
    17 absence                 B school.NONCOGNITIVE
    18 hysteresis              B history.STORIES
    19 guard                   B history.GUARD; test_overall_guard
    20 reason codes            B every reason code
    21 exact norms             B norms.GRADE; test_norms
    22 items or results        B school.NONCOGNITIVE
    23 what is null            B school, poverty
    24 same again              B history.LATE
    25 two of one date         B poverty.ECONOMIC, school.LEARNING
    26 in the future           B history.FUTURE, overall.SCOPE (unknown births)
    27 trial and release       B known when, official runs
"""
