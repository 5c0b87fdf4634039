"""Changes of a published roster: sick calls, swaps, drafts, approval, and taking back."""
