-- births --
-- Birth of each person by the key of the 宛名番号: that of the newest row.
SELECT DISTINCT ON (person_key) person_key, birth FROM facts.resident
WHERE op <> 'D' AND birth IS NOT NULL ORDER BY person_key, batch DESC, line DESC

-- pupils --
-- Which 宛名番号 each pupil's number is mapped to, by their keys: the newest row.
SELECT DISTINCT ON (pupil_key) pupil_key, person_key FROM facts.oneroster_map
WHERE op <> 'D' AND pupil_key IS NOT NULL ORDER BY pupil_key, batch DESC, line DESC

-- legal_bases --
-- Numbers that the register of legal bases knows.
SELECT DISTINCT legal_basis_id FROM facts.legal_basis

-- maxima --
-- Full marks: the newest row of each survey, year, grade and subject.
SELECT DISTINCT ON (survey_id, fy, grade, subject) survey_id, fy, grade, subject, max
FROM facts.survey_max ORDER BY survey_id, fy, grade, subject, batch DESC, line DESC

-- batches --
-- Every loaded file of a feed; events that came beside them are none.
SELECT digest, initial, released_by IS NOT NULL FROM facts.batch WHERE feed = %(feed)s AND profile <> 'event'

-- newest_of_feed --
-- The newest batch of a feed.
SELECT max(batch) FROM facts.batch WHERE feed = %(feed)s

-- event_batches --
-- Batches of a feed that events brought.
SELECT batch FROM facts.batch WHERE feed = %(feed)s AND profile = 'event'

-- hold_feed --
-- One transaction at a time compares a feed's rows with what is stored and adds to it.
SELECT pg_advisory_xact_lock(hashtextextended('mimamori feed ' || %(feed)s, 0))

-- hold_keys --
-- One transaction at a time gives keys to numbers. Asked for after the feed, never before.
SELECT pg_advisory_xact_lock(hashtextextended('mimamori keys', 0))

-- newest_of_file --
-- The newest batch of a file name of a feed.
SELECT batch, digest, seal FROM facts.batch WHERE feed = %(feed)s AND file = %(file)s ORDER BY seal DESC LIMIT 1

-- add_batch --
-- One loaded file with its seal.
INSERT INTO facts.batch (batch, feed, file, digest, profile, initial, kept, dropped, rows, loaded, unchanged, quarantined,
                         tombstones, warnings, released_by, seal, sealed_at, decision)
SELECT %(batch)s, %(feed)s, %(file)s, %(digest)s, %(profile)s, %(initial)s, %(kept)s, %(dropped)s, %(rows)s, %(loaded)s,
       %(unchanged)s, %(quarantined)s, %(tombstones)s, %(warnings)s, %(released_by)s, seal, sealed_at, %(decision)s
FROM platform.seal WHERE seal = %(seal)s

-- gone --
-- Handles by which erased persons are known again.
SELECT handle FROM rights.gone

-- refusals_table --
-- Where refusals wait to be compared with those that are kept; gone with the transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS refusal (
    feed text, file text, line integer, batch bigint, column_name text, rule text, mend text, raw jsonb, record_key bigint,
    fingerprint uuid
) ON COMMIT DROP

-- add_refusals --
-- Refusals that are not kept yet.
INSERT INTO intake.quarantine (feed, file, line, batch, column_name, rule, mend, raw, record_key, fingerprint)
SELECT feed, file, line, batch, column_name, rule, mend, raw, record_key, fingerprint FROM pg_temp.refusal
ON CONFLICT (fingerprint) DO NOTHING

-- unmended --
-- Refusals of a feed that wait, by the record they are of.
SELECT quarantine, record_key FROM intake.quarantine
WHERE feed = %(feed)s AND mended_at IS NULL AND record_key IS NOT NULL

-- mark_mended --
-- Refusals of records that came in good order since.
UPDATE intake.quarantine SET mended_at = platform.now() WHERE quarantine = ANY (%(refusals)s)

-- purge_refusals --
-- Refusals that have been kept long enough.
DELETE FROM intake.quarantine WHERE expires_at < platform.now()

-- refusals --
-- Refusals without their texts.
SELECT quarantine, feed, file, line, batch, column_name AS column, rule, mend,
       ARRAY(SELECT key FROM jsonb_each(raw) WHERE value <> 'null' ORDER BY key) AS filled,
       quarantined_at, expires_at, mended_at IS NOT NULL AS mended
FROM intake.quarantine
WHERE (%(feed)s::text IS NULL OR feed = %(feed)s) AND (%(everything)s OR mended_at IS NULL)
ORDER BY batch DESC, line, quarantine

-- waiting --
-- A held file that waits: by its batch, or by feed and digest.
SELECT batch, feed, file, digest, profile, plan, spool, reasons, rows FROM intake.held
WHERE released_at IS NULL AND (batch = %(batch)s OR (feed = %(feed)s AND digest = %(digest)s))

-- hold --
-- A file above its budgets.
INSERT INTO intake.held (batch, feed, file, digest, profile, plan, spool, reasons, rows)
VALUES (%(batch)s, %(feed)s, %(file)s, %(digest)s, %(profile)s, %(plan)s, %(spool)s, %(reasons)s, %(rows)s)

-- released --
-- A held file that a person let in.
UPDATE intake.held SET released_at = platform.now(), released_by = %(person)s WHERE batch = %(batch)s

-- known_events --
-- Of these events those that came before, by what they said.
SELECT source, event_id, digest FROM bus.inbox
WHERE (source, event_id) IN (SELECT * FROM unnest(%(sources)s::text[], %(ids)s::text[]))

-- add_dead_letters --
-- Messages that were not taken in, each once.
INSERT INTO bus.dead_letter (topic, partition, position, digest, reason, detail)
SELECT * FROM unnest(%(topic)s::text[], %(partition)s::int[], %(position)s::bigint[], %(digest)s::bytea[], %(reason)s::text[],
                     %(detail)s::text[])
ON CONFLICT (topic, partition, position, digest) DO NOTHING
RETURNING topic, partition, position

-- resolve_dead_letters --
-- Messages that were taken in after all.
UPDATE bus.dead_letter d SET replayed_at = platform.now()
FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(positions)s::bigint[], %(digests)s::bytea[])
    AS taken (topic, partition, position, digest)
WHERE (d.topic, d.partition, d.position, d.digest) = (taken.topic, taken.partition, taken.position, taken.digest)
  AND d.replayed_at IS NULL
