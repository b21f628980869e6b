"""The log: appends entries and reads them back."""
