-- size --
-- How many entries the log has.
SELECT size FROM ledger.head

-- hashes --
-- How many entries there are from index a (included) to b (not included), and their leaf hashes in one string.
SELECT count(*), coalesce(string_agg(sha256('\x00'::bytea || leaf), ''::bytea ORDER BY index), ''::bytea)
FROM ledger.entry WHERE index >= %(a)s AND index < %(b)s

-- first_missing --
-- The first index from a to b (not included) without an entry.
SELECT coalesce((SELECT max(index) + 1 FROM (
    SELECT index, index - row_number() OVER (ORDER BY index) AS shift FROM ledger.entry WHERE index >= %(a)s AND index < %(b)s
) AS found WHERE shift = %(a)s - 1), %(a)s)

-- bundles --
-- The entries from index a to b (not included), in bundles of 256, each entry after its length in two bytes (C2SP tlog-tiles).
SELECT index / 256, string_agg(substring(int4send(octet_length(leaf)) FROM 3) || leaf, ''::bytea ORDER BY index)
FROM ledger.entry WHERE index >= %(a)s AND index < %(b)s GROUP BY 1 ORDER BY 1

-- entry --
-- One entry's bytes.
SELECT leaf FROM ledger.entry WHERE index = %(index)s

-- lock --
-- One writer of checkpoints at a time, to the end of the connection: the file is written after the commit.
SELECT pg_advisory_lock(hashtextextended('mimamori checkpoint', 0))

-- last_checkpoint --
-- The last published tree.
SELECT size, root, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1

-- checkpoint_at --
-- The root published for one size.
SELECT root FROM ledger.checkpoint WHERE size = %(size)s

-- add_checkpoint --
-- A further tree; its size is the key, so that no size has two.
INSERT INTO ledger.checkpoint (size, root, note) VALUES (%(size)s, %(root)s, %(note)s)

-- halt --
-- What keeps the log from being signed (NULL: nothing any more); one row a change.
INSERT INTO ledger.halt (why) SELECT %(why)s::text
WHERE %(why)s::text IS DISTINCT FROM (SELECT why FROM ledger.halt ORDER BY n DESC LIMIT 1)

-- halted --
-- A row where something keeps the log from being signed.
SELECT FROM ledger.halt WHERE n = (SELECT max(n) FROM ledger.halt) AND why IS NOT NULL

-- keys --
-- The log's public keys, oldest first.
SELECT number, verifier, endorsement, retired FROM ledger.log_key ORDER BY number

-- add_key --
-- A further public key.
INSERT INTO ledger.log_key (number, verifier, endorsement) VALUES (%(number)s, %(verifier)s, %(endorsement)s)

-- retire_keys --
-- All keys before this one sign no more.
UPDATE ledger.log_key SET retired = true WHERE number < %(number)s AND NOT retired

-- log_key_change --
-- An entry of the log itself, on its keys.
SELECT ledger.append_all(%(entries)s)
