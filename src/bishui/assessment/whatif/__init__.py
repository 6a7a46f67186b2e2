"""What a change would move, before it is saved: a city held in memory."""
