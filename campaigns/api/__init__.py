"""Segments, campaigns, spend and reports for partner tools. A key drafts; it never approves or launches."""
