// Verifier checks an exported log with the log client of the Go project, and with nothing of Mimamori's.
//
//	verifier -key VKEY [-witness VKEY] [-proof FILE -entry FILE] DIR
//
// DIR holds "checkpoint", hash tiles and entry bundles as C2SP tlog-tiles names them. The exit code is 0 and the last
// line says how many entries were checked, or it is 1 and standard error says what is wrong.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256 // hashes in a full tile

func main() {
	key := flag.String("key", "", "the log's public key")
	witness := flag.String("witness", "", "the public key of a witness that must have cosigned; empty: none")
	proof := flag.String("proof", "", "a .tlog-proof to check as well")
	entry := flag.String("entry", "", "the entry that the proof is of")
	flag.Parse()
	size, err := verify(flag.Arg(0), *key, *witness, *proof, *entry)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(size)
}

func verify(dir, key, witness, proof, entry string) (int64, error) {
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return 0, err
	}
	tree, err := openCheckpoint(signed, key, witness)
	if err != nil {
		return 0, err
	}
	if err := checkEntries(dir, tree); err != nil {
		return 0, err
	}
	if proof != "" {
		err = checkProof(proof, entry, key, witness)
	}
	return tree.N, err
}

// openCheckpoint returns the tree of a signed checkpoint once the log, and the witness if one is named, vouch for it.
func openCheckpoint(signed []byte, key, witness string) (tlog.Tree, error) {
	log, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	trusted := []note.Verifier{log}
	if witness != "" {
		w, err := newWitness(witness)
		if err != nil {
			return tlog.Tree{}, err
		}
		trusted = append(trusted, w)
	}
	opened, err := note.Open(signed, note.VerifierList(trusted...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(trusted) {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %d signatures of %d", len(opened.Sigs), len(trusted))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != log.Name() {
		return tlog.Tree{}, errors.New("checkpoint: not of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkEntries compares every entry with its leaf in the tree: the hash reader believes no tile that does not lead to
// the checkpoint's root.
func checkEntries(dir string, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, tiles{dir})
	for n := int64(0); n*width < tree.N; n++ {
		count := min(width, tree.N-n*width)
		entries, err := readBundle(dir, n, int(count))
		if err != nil {
			return err
		}
		indexes := make([]int64, count)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, n*width+int64(i))
		}
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != leaves[i] {
				return fmt.Errorf("entry %d is not the one that was logged", n*width+int64(i))
			}
		}
	}
	return checkGrowth(tree, hashes)
}

// checkGrowth shows that the tree begins with its own halves, quarters …: proofs out of tiles, checked against the root.
func checkGrowth(tree tlog.Tree, hashes tlog.HashReader) error {
	for old := tree.N / 2; old > 0; old /= 2 {
		root, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, root); err != nil {
			return err
		}
	}
	return nil
}

// checkProof checks a self-contained proof (C2SP tlog-proof) of one entry, apart from the folder.
func checkProof(path, entryPath, key, witness string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return err
	}
	head, signed, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("proof: not a tlog-proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	var hashes tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		hashes = append(hashes, hash)
	}
	tree, err := openCheckpoint(signed, key, witness)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func readBundle(dir string, n int64, count int) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: 0, N: n, W: count}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, fmt.Errorf("%s: ends within an entry", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		entries, bundle = append(entries, bundle[2:end]), bundle[end:]
	}
	if len(entries) != count {
		return nil, fmt.Errorf("%s: %d entries instead of %d", path, len(entries), count)
	}
	return entries, nil
}

// tiles reads hash tiles from a folder; the Go project's own paths name the height as well, C2SP's do not.
type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		content, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		if len(content) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", path, len(content))
		}
		data = append(data, content)
	}
	return data, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
