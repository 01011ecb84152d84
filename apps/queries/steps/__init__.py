"""The steps of the journey: plain functions between which frozen values pass.

`journey.py` and `finding.py` say in which order they are called, `recording.py` puts each on record.
"""
