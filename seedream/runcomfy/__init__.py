"""RunComfy's Model API, small enough to be read in one sitting.

Rule: a submission is sent once, everything else is a read and may be repeated; the token goes to the base URL and
nowhere else. `client` says what can be asked, `responses` what the answers mean, `transport` how they travel,
`catalogue` what the model costs, `live_models` what it takes now.
"""
