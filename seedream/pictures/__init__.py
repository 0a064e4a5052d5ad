"""The files of a job, from an output's URL to originals, previews, copies and archives; and its references.

They are foreign input: what comes is fetched from trusted hosts alone, without the token, within bounds of bytes,
seconds and pixels, and an original stays as the API made it, byte for byte; what goes in is checked before it is
decoded.
"""
