"""The files of a job: from an output's URL to originals, previews, copies and archives on disk.

They are foreign input: fetched from trusted hosts alone, without the token, within bounds of bytes, seconds and
pixels. An original stays as the API made it, byte for byte.
"""
