"""Every table and every line of SQL; rows never leave this package."""
