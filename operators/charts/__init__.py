"""Charts as SVG made on the server: axes, units and a legend, no script, and colors that follow the theme."""
