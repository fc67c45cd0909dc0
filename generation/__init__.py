"""What the models write: runs, jobs, copy variants and personal offers."""
