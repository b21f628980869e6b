-- keep --
-- A rule set as it first came; the same content again changes nothing.
INSERT INTO rules.rule_set (digest, version, content, text) VALUES (%(digest)s, %(version)s, %(content)s, %(text)s)
ON CONFLICT DO NOTHING

-- content --
-- A rule set by its digest.
SELECT content FROM rules.rule_set WHERE digest = %(digest)s

-- text --
-- The file of a rule set as it was handed in; null where it came without one.
SELECT text FROM rules.rule_set WHERE digest = %(digest)s

-- known --
-- Every rule set that was ever handed in, in that order, and the last simulation it was part of.
SELECT r.content,
       (SELECT max(simulation) FROM rules.simulation s WHERE r.digest IN (s.before, s.after)) AS simulation
FROM rules.rule_set r ORDER BY r.kept_at, r.version, r.digest

-- adoptions --
-- Every signature under an adoption, in the order in which they were given.
SELECT entry, digest, effective_from, person, statement, signature, at FROM rules.adoption ORDER BY entry

-- adopt --
-- One person's signature.
INSERT INTO rules.adoption (digest, effective_from, person, simulation, statement, signature, entry)
VALUES (%(digest)s, %(effective_from)s, %(person)s, %(simulation)s, %(statement)s, %(signature)s, %(entry)s)

-- add_simulation --
-- What was compared, on which runs, and the digest of what was written.
INSERT INTO rules.simulation (before, after, runs, files, decision)
VALUES (%(before)s, %(after)s, %(runs)s, %(files)s, %(decision)s)

-- last_simulation --
-- The newest simulation that a rule set was part of.
SELECT max(simulation) FROM rules.simulation WHERE %(digest)s IN (before, after)

-- adoption_lost --
-- Entries that tell of an adoption of which no row is left.
SELECT index FROM ledger.entry e
WHERE convert_from(leaf, 'UTF8') LIKE '%"kind":"rules.adopt"%'
  AND NOT EXISTS (SELECT FROM rules.adoption a WHERE a.entry = e.index)

-- adoption_unlogged --
-- Adoptions whose entry tells of something else.
SELECT a.entry FROM rules.adoption a JOIN ledger.entry e ON e.index = a.entry
WHERE convert_from(e.leaf, 'UTF8') NOT LIKE '%"kind":"rules.adopt"%'

-- judged_by --
-- The rule set that each run which is no trial was judged by, as its manifest says, and the day on which it was.
SELECT run, convert_from(manifest, 'UTF8')::jsonb #>> '{rules,digest}', (judged_at AT TIME ZONE 'Asia/Tokyo')::date
FROM judgement.run
WHERE status <> 'trial' AND convert_from(manifest, 'UTF8')::jsonb #>> '{rules,digest}' IS NOT NULL
ORDER BY seal
