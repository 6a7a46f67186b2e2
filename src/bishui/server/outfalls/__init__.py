"""Outfall (排污口), channel (排污通道), discharger (排污单位) and their dated links: the records.

The rules of their life cycle live in `bishui.outfalls`.
"""
