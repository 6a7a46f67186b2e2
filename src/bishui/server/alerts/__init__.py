"""Alerts (预警): what the rules of `bishui.assessment` found, and what people made of it.

Here live the kept findings with their states, the subscriptions, and the pages. What is an alert is decided
by the rules alone, in a worker and never while a page is looked at; nothing here changes a measurement.
"""
