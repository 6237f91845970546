"""The mark that shows where text of a document was left out."""

OMISSION = "[…]"  # no letter or digit, so that it cannot change what a text says
