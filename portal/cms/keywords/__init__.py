"""关键词内链: words that become links wherever they stand in a text, put in when it is shown.

The texts themselves stay as they were written: a keyword that is changed or dropped changes every
page at once, and leaves nothing behind.
"""
