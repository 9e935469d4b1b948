"""Charts as SVG made on the server: axes, units and a legend, no script, and colours that follow the theme."""

from operators.charts.chart import Chart, Series

__all__ = ["Chart", "Series"]
