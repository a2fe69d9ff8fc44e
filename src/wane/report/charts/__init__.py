"""Interactive figures: Vega-Lite specifications made from the tables that the static ones draw."""
