"""Where a model looks: attention by document, sentence, layer and head, what can be ranked by it, and its pictures."""
