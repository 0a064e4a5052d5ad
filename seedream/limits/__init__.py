"""What a visitor may spend of the owner's balance, and who a visitor is.

Whatever a job may cost is taken before it is submitted, at once or not at all, and given back where it was not
spent. Where nobody can count, nothing is sent.
"""
