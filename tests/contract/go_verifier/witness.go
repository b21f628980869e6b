package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

const cosignature = 0x04 // kind of signature: C2SP tlog-cosignature, Ed25519

// witnessKey verifies cosignatures; package note knows only signatures over the text itself.
type witnessKey struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func newWitness(vkey string) (*witnessKey, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("witness: malformed key")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignature {
		return nil, errors.New("witness: not a key for cosignatures")
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(digest[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("witness: key and key ID differ")
	}
	return &witnessKey{parts[0], hash, key[1:]}, nil
}

func (w *witnessKey) Name() string { return w.name }

func (w *witnessKey) KeyHash() uint32 { return w.hash }

func (w *witnessKey) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.public, append([]byte(head), text...), sig[8:])
}
