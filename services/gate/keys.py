"""Keys of persons: Ed25519, the private half in a PEM file that its owner alone can read."""

from services.platform.keyfiles import (
    KeyFileError,
    create_key,
    load_key,
    public_bytes,
    read_public_key,
    signature_holds,
)

__all__ = ["KeyFileError", "create_key", "load_key", "public_bytes", "read_public_key", "signature_holds"]
