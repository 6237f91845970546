"""Measurements of a model's attention: the X-ray of one question (`xray*`) and the position profile (`*profile*`)."""
