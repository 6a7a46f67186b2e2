"""Divisions (行政区划), units (单位), users (用户) and their roles."""
