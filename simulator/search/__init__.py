"""The PIM's `search` parameter: which products and structure items a list selects."""
