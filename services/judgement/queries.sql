-- links --
-- The links in force among those a run may see: of each basis the newest version, unless it withdraws.
SELECT person_key, child_id, known_at, basis FROM (
    SELECT DISTINCT ON (person_key, basis) * FROM linkage.link
    WHERE seal <= %(seal)s AND known_at <= %(known_at)s
    ORDER BY person_key, basis, known_at DESC, seal DESC, op DESC
) AS newest WHERE op = 'I'

-- links_of --
-- The same of some numbers alone.
SELECT person_key, child_id::text AS child_id, known_at, basis FROM (
    SELECT DISTINCT ON (person_key, basis) * FROM linkage.link
    WHERE seal <= %(seal)s AND known_at <= %(known_at)s AND person_key = ANY (%(keys)s)
    ORDER BY person_key, basis, known_at DESC, seal DESC, op DESC
) AS newest WHERE op = 'I'

-- around --
-- Some households, with those that some persons ever lived in by any version of their rows, and the numbers of everybody whose rows
-- bear on them: who ever lived there, children beside them whose grants of 就学援助 decide another's, and whatever other number was
-- ever linked to one of these. Each step is asked by a list, so that every one of them goes by an index.
WITH own (key) AS (
    SELECT unnest(%(keys)s::bigint[]) UNION
    SELECT other.person_key FROM linkage.link l JOIN linkage.link other USING (child_id) WHERE l.person_key = ANY (%(keys)s)
), home (key) AS (
    SELECT unnest(%(households)s::bigint[]) UNION
    SELECT setai_key FROM facts.resident WHERE person_key = ANY (ARRAY(SELECT key FROM own)) AND setai_key IS NOT NULL
), lived (key) AS (
    SELECT key FROM own UNION SELECT person_key FROM facts.resident WHERE setai_key = ANY (ARRAY(SELECT key FROM home))
), member (key) AS (
    SELECT key FROM lived UNION
    SELECT other.person_key FROM linkage.link l JOIN linkage.link other USING (child_id)
    WHERE l.person_key = ANY (ARRAY(SELECT key FROM lived))
), beside (key) AS (
    SELECT key FROM member UNION
    SELECT person_key FROM facts.shugaku_enjo WHERE guardian_key = ANY (ARRAY(SELECT key FROM member)) AND person_key IS NOT NULL
)
SELECT ARRAY(SELECT key FROM home ORDER BY key),
       ARRAY(SELECT key FROM beside UNION
             SELECT other.person_key FROM linkage.link l JOIN linkage.link other USING (child_id)
             WHERE l.person_key = ANY (ARRAY(SELECT key FROM beside)))

-- hold --
-- Locks of households until the transaction ends, in order.
SELECT count(pg_advisory_xact_lock(key)) FROM unnest(%(households)s::bigint[]) AS key

-- newest_seal --
-- The seal given last, of those whose transaction committed.
SELECT max(seal) FROM platform.seal

-- record_order --
-- The order of some records' source_record_id, feed by feed.
SELECT asked.feed, o.record_key, o.rank AS tie
FROM (SELECT feed, array_agg(key) AS keys FROM unnest(%(feeds)s::text[], %(keys)s::bigint[]) AS named (feed, key) GROUP BY feed) AS asked
CROSS JOIN LATERAL gate.record_order(asked.feed, asked.keys) AS o

-- whole_order --
-- The order of all of a feed's records' source_record_id.
SELECT record_key, rank AS tie FROM facts.record_order WHERE feed = %(feed)s

-- pages --
-- How many pages of a table may hold rows.
SELECT pg_relation_size(%(table)s) / current_setting('block_size')::int

-- birth_unknown --
-- Numbers of whom some row of the register states no birth, and every other that was ever linked to the same child.
SELECT person_key FROM facts.resident WHERE birth IS NULL AND person_key IS NOT NULL
UNION SELECT other.person_key FROM facts.resident r JOIN linkage.link own USING (person_key)
JOIN linkage.link other USING (child_id) WHERE r.birth IS NULL

-- same_children --
-- These children, and every other child_id under which their own numbers were brought together with another child's (rules merge).
WITH RECURSIVE same (child_id) AS (
    SELECT unnest(%(children)s::uuid[])
    UNION
    SELECT other.child_id FROM same JOIN linkage.link own ON own.child_id = same.child_id AND own.basis = 'self' AND own.op = 'I'
    JOIN linkage.link other ON other.person_key = own.person_key AND other.op = 'I' AND other.seal <= %(seal)s
)
SELECT child_id FROM same

-- loaded_feeds --
-- Feeds of which a file, be it empty, had been loaded: an event says nothing of all those whom it does not name. Events make many
-- batches: of each feed the first file that was seen is enough.
WITH RECURSIVE feeds (feed) AS (
    SELECT min(feed) FROM facts.batch
    UNION ALL SELECT (SELECT min(b.feed) FROM facts.batch b WHERE b.feed > feeds.feed) FROM feeds WHERE feed IS NOT NULL
)
SELECT feed FROM feeds WHERE EXISTS (
    SELECT FROM facts.batch b
    WHERE b.feed = feeds.feed AND b.profile <> 'event' AND seal <= %(seal)s AND (initial OR sealed_at <= %(known_at)s))

-- batches --
-- What the run could see, batch by batch.
SELECT batch, feed, file, encode(digest, 'hex') AS digest, profile = 'event' AS by_events FROM facts.batch WHERE seal <= %(seal)s ORDER BY batch

-- held_before --
-- Runs of earlier as-of dates that the guard held, and for which two rows of releases were written.
SELECT run FROM judgement.run r
WHERE status = 'held' AND as_of < %(as_of)s AND 2 <= (SELECT count(*) FROM judgement.release l WHERE l.run = r.run)

-- chain --
-- Of each earlier as-of date the official run that was released last, by what this run may know. runs, seals: those that the guard
-- held, and the seal of the release that made each official.
SELECT DISTINCT ON (as_of) as_of, run, encode(root, 'hex') FROM (
    SELECT r.as_of, r.run, r.root, r.seal AS released FROM judgement.run r WHERE r.status = 'official'
    UNION ALL
    SELECT r.as_of, r.run, r.root, held.seal
    FROM judgement.run r JOIN unnest(%(runs)s::text[], %(seals)s::bigint[]) AS held (run, seal) USING (run)
) AS official JOIN platform.seal s ON s.seal = released
WHERE as_of < %(as_of)s AND released <= %(seal)s AND (%(released_by)s::timestamptz IS NULL OR s.sealed_at <= %(released_by)s)
ORDER BY as_of, released DESC

-- raw_categories --
-- What one run said of each child before hysteresis.
SELECT child_id::text AS child_id, raw_category FROM judgement.judgement WHERE run = %(run)s

-- same_again --
-- The newest run of this as-of date and rule set that was no trial.
SELECT run, encode(root, 'hex') FROM judgement.run
WHERE as_of = %(as_of)s AND rules = %(rules)s AND status <> 'trial' ORDER BY seal DESC LIMIT 1

-- add_run --
-- One run; never changed afterwards.
INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)
VALUES (%(run)s, %(as_of)s, %(known_at)s, %(seal)s, %(rules)s, %(status)s, %(manifest)s, %(root)s, %(children)s,
        %(categories)s, %(summary)s, %(decision)s)

-- add_norms --
-- The norm set the run rests on; the same set is kept once.
INSERT INTO judgement.norm_set (digest, norms) VALUES (%(digest)s, %(norms)s) ON CONFLICT DO NOTHING

-- known_leaves --
-- Which of these lines an earlier run made just so.
SELECT leaf_hash FROM judgement.said WHERE leaf_hash = ANY (%(leaves)s)

-- add_lines --
-- A run's lines, in the order of its leaves.
INSERT INTO judgement.line (seal, position, judgement)
SELECT %(seal)s, leaves.place - 1, s.judgement
FROM unnest(%(leaves)s::bytea[]) WITH ORDINALITY AS leaves (leaf_hash, place) JOIN judgement.said s USING (leaf_hash)

-- norms_of --
-- The norm set that a run judged against.
SELECT n.norms FROM judgement.run r
JOIN judgement.norm_set n ON n.digest = decode(convert_from(r.manifest, 'UTF8')::jsonb ->> 'norms', 'hex') WHERE r.run = %(run)s

-- raw_categories_of --
-- What some runs said of some children before hysteresis.
SELECT run, child_id::text, raw_category FROM judgement.judgement
WHERE child_id = ANY (%(children)s::uuid[]) AND run = ANY (%(runs)s)

-- batches_of --
-- Feed and digest of some batches.
SELECT batch, feed, encode(digest, 'hex') FROM facts.batch WHERE batch = ANY (%(batches)s)

-- suspended_since --
-- A step of a 利用停止 that was recorded after a seal.
SELECT 1 FROM gate.suspension WHERE seal > %(seal)s LIMIT 1

-- footing --
-- The newest seal of a run, of a run's release, or of a reference file; 0 before any of them.
SELECT greatest((SELECT max(seal) FROM judgement.run), (SELECT max(seal) FROM judgement.release),
                (SELECT max(seal) FROM facts.batch WHERE feed = ANY (%(references)s)), 0)

-- add_provisional --
-- 速報 after one event.
INSERT INTO judgement.provisional (seal, as_of, run, rules, read_seal, decision)
VALUES (%(seal)s, %(as_of)s, %(run)s, %(rules)s, %(read_seal)s, %(decision)s)

-- add_provisional_lines --
-- What it said of each child.
INSERT INTO judgement.provisional_line (seal, judgement)
SELECT %(seal)s, judgement FROM judgement.said WHERE leaf_hash = ANY (%(leaves)s)

-- runs --
-- All runs, the newest first.
SELECT run, as_of, known_at, seal, rules, status, encode(root, 'hex'), children, categories, summary,
       (SELECT count(*) FROM judgement.release l WHERE l.run = run.run) AS releases
FROM judgement.run WHERE %(run)s::text IS NULL OR run = %(run)s ORDER BY seal DESC

-- judgements --
-- What a run said of each child, or of one.
SELECT child_id, economic, nurturing, poverty, t, d1, d2, change, learning, scales, absence, noncognitive, w, raw_category,
       category, data_check, reasons
FROM judgement.judgement WHERE run = %(run)s AND (%(child)s::uuid IS NULL OR child_id = %(child)s) ORDER BY child_id

-- files --
-- Which feed and file each batch came from.
SELECT batch, feed, file FROM facts.batch

-- release --
-- One person's release of a held run.
INSERT INTO judgement.release (run, person, seal, statement, signature, entry)
VALUES (%(run)s, %(person)s, %(seal)s, %(statement)s, %(signature)s, %(entry)s)

-- manifest --
-- What a run depended on.
SELECT convert_from(manifest, 'UTF8')::jsonb FROM judgement.run WHERE run = %(run)s

-- released_by --
-- Whether this person released the run.
SELECT 1 FROM judgement.release WHERE run = %(run)s AND person = %(person)s

-- root --
-- What a run's root is over.
SELECT root, children FROM judgement.run WHERE run = %(run)s

-- erased_lines --
-- Leaves of judgements that were erased.
SELECT position, leaf_hash FROM judgement.erased_line WHERE run = %(run)s

-- lines --
-- What each line says, its reasons by code and their sources by feed, digest of the file and line, as models.judgement.line writes it:
-- of a run by position, or without one of every 速報 by its seal.
SELECT l.place, j.leaf_hash, j.child_id, j.scales,
       coalesce((SELECT jsonb_agg(reason - 'sources' || jsonb_build_object('sources', coalesce((
                     SELECT jsonb_agg(jsonb_build_object('feed', b.feed, 'file', encode(b.digest, 'hex'), 'line', (source ->> 1)::int)
                                      ORDER BY b.feed COLLATE "C", encode(b.digest, 'hex') COLLATE "C", (source ->> 1)::int)
                     FROM jsonb_array_elements(reason -> 'sources') AS source JOIN facts.batch b ON b.batch = (source ->> 0)::bigint), '[]'))
                 ORDER BY reason ->> 'code' COLLATE "C") FROM jsonb_array_elements(j.reasons) AS reason), '[]'),
       j.absence, j.category, j.change, j.d1, j.d2, j.data_check, j.economic, j.learning, j.noncognitive, j.nurturing, j.poverty,
       j.raw_category, j.t, j.w
FROM judgement.said j JOIN (
    SELECT judgement, position AS place FROM judgement.line JOIN judgement.run USING (seal) WHERE run = %(run)s
    UNION ALL SELECT judgement, seal FROM judgement.provisional_line WHERE %(run)s::text IS NULL
) AS l USING (judgement) ORDER BY l.place, j.child_id

-- roots_of_events --
-- Of every 速報 its seal, the root that its entry shows, and whether somebody was erased since.
SELECT v.seal, decode(convert_from(e.leaf, 'UTF8')::jsonb ->> 'root', 'hex'), coalesce(d.entry < erased.last, false)
FROM judgement.provisional v JOIN gate.decision d USING (decision) JOIN ledger.entry e ON e.index = d.entry
CROSS JOIN (SELECT max(index) AS last FROM ledger.entry WHERE convert_from(leaf, 'UTF8')::jsonb ->> 'kind' = 'erased') AS erased
ORDER BY v.seal

-- repeated --
-- What a run is computed again from, and how many persons were erased since.
SELECT convert_from(r.manifest, 'UTF8')::jsonb, r.root, n.norms, r.status,
       (SELECT count(*) FROM ledger.entry e
        WHERE e.index > d.entry AND convert_from(e.leaf, 'UTF8')::jsonb ->> 'kind' = 'erased')
FROM judgement.run r JOIN gate.decision d USING (decision)
LEFT JOIN judgement.norm_set n ON encode(n.digest, 'hex') = convert_from(r.manifest, 'UTF8')::jsonb ->> 'norms'
WHERE run = %(run)s

-- leaves --
-- Every line of a run by its leaf; without a child where it was erased.
SELECT position, leaf_hash, child_id::text FROM judgement.judgement WHERE run = %(run)s
UNION ALL SELECT position, leaf_hash, NULL FROM judgement.erased_line WHERE run = %(run)s
ORDER BY position

-- sources --
-- The source rows that some children's reasons rest on.
SELECT b.feed, j.child_id::text, b.batch, (source ->> 1)::int
FROM judgement.judgement j, jsonb_array_elements(j.reasons) AS reason, jsonb_array_elements(reason -> 'sources') AS source
JOIN facts.batch b ON b.batch = (source ->> 0)::bigint
WHERE j.run = %(run)s AND j.child_id = ANY (%(children)s::uuid[])

-- add_change --
-- What a run says that the official run before it did not.
INSERT INTO judgement.change (run, previous, counts) VALUES (%(run)s, %(previous)s, %(counts)s)

-- change --
-- The changes of a run.
SELECT r.as_of, c.previous, c.counts FROM judgement.change c JOIN judgement.run r USING (run) WHERE c.run = %(run)s

-- trend --
-- The official runs of the months before, one a date, and this run itself; oldest first.
SELECT run, as_of, children, counts FROM (
    SELECT DISTINCT ON (r.as_of) r.run, r.as_of, r.children, c.counts
    FROM judgement.run r JOIN judgement.change c USING (run)
    WHERE r.as_of > %(since)s AND (r.run = %(run)s OR r.as_of < %(as_of)s AND (
        r.status = 'official' OR r.status = 'held' AND 2 <= (SELECT count(*) FROM judgement.release l WHERE l.run = r.run)))
    ORDER BY r.as_of, r.seal DESC) AS newest
ORDER BY as_of

-- said --
-- What one run said of each child, with the set of its reason codes.
SELECT child_id::text AS child_id, category, jsonb_path_query_array(reasons, '$[*].code')::text AS codes
FROM judgement.judgement WHERE run = %(run)s

-- ever --
-- Children who were candidates in one of these runs.
SELECT DISTINCT s.child_id::text AS child_id FROM judgement.said s
WHERE s.category = ANY (%(flagged)s) AND EXISTS (
    SELECT FROM judgement.line l JOIN judgement.run r USING (seal) WHERE l.judgement = s.judgement AND r.run = ANY (%(runs)s))

-- open_cases --
-- Children whom a caseworker had taken up by the end of the day, and not put aside since.
SELECT DISTINCT child_id::text AS child_id FROM (
    SELECT DISTINCT ON (a.alert) a.child_id, c.verb FROM casework.action c JOIN publication.alert a USING (alert)
    WHERE (c.acted_at AT TIME ZONE 'Asia/Tokyo')::date <= %(as_of)s ORDER BY a.alert, c.action DESC) AS last
WHERE verb IN ('confirm', 'watch')
