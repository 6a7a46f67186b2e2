"""The standing ledgers (重点工作台账), the typed ledgers behind them, and the plans that counties file.

A field's ledger is put together from its tasks and key projects, never typed again. Here live key projects,
typed ledgers as registers, and filings with their working-day clock; tasks belong to `plans`.
"""
