"""What people may type into the pages of campaigns, and why it is refused."""
