"""The PIM's REST API: routes, links, errors and who may call."""
