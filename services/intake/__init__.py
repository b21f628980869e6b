"""Feed files in: profile, contract, minimisation, quarantine, facts."""
