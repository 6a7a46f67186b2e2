"""Template tags: the one place where pages get badges, pills, counts, icons and built assets from."""
