"""The one HTTP client for addresses that somebody else wrote: judged before it connects, bounded while it reads."""
