-- entries --
-- The log's entries whose day lies in the quarter, by what they show in clear: how many, the first and the last index.
-- A leaf is canonical JSON, in which no text can hold an unescaped quotation mark: `"day":"` is the key, whatever stands around it.
WITH entry AS MATERIALIZED (
    SELECT index, convert_from(leaf, 'UTF8')::jsonb AS e FROM ledger.entry
    WHERE convert_from(leaf, 'UTF8') LIKE ANY (%(days)s)
)
SELECT e ->> 'kind', e ->> 'act', e ->> 'decision', e ->> 'clause', e ->> 'approval', e ->> 'recipient',
       ARRAY(SELECT jsonb_array_elements_text(coalesce(e -> 'items', '[]'))), count(*), min(index), max(index)
FROM entry GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7

-- revocations --
-- Approvals that were revoked by the end of the quarter, and on which day.
SELECT approval, version, (revoked_at AT TIME ZONE 'Asia/Tokyo')::date FROM gate.approval
WHERE (revoked_at AT TIME ZONE 'Asia/Tokyo')::date <= %(last)s

-- runs --
-- Runs whose permit is one of the quarter's entries, whether that entry names the run's own root, and how many persons
-- released it by the end of the quarter; in the order of the log.
SELECT r.run, r.as_of, r.status, r.rules, d.approval, d.version, d.clause, encode(r.root, 'hex'), d.entry, r.children,
       r.categories, r.summary -> 'missing_feeds', coalesce((r.summary ->> 'suspended')::bigint, 0),
       convert_from(l.leaf, 'UTF8')::jsonb @> jsonb_build_object('root', encode(r.root, 'hex'), 'decision', 'permit', 'act', r.act),
       (SELECT count(*) FROM judgement.release e
        WHERE e.run = r.run AND (e.released_at AT TIME ZONE 'Asia/Tokyo')::date <= %(last)s)
FROM judgement.run r JOIN gate.decision d USING (decision) JOIN ledger.entry l ON l.index = d.entry
WHERE d.entry <= %(until)s AND convert_from(l.leaf, 'UTF8') LIKE ANY (%(days)s)
ORDER BY d.entry

-- loads --
-- What was handed in and refused in the quarter, by feed.
SELECT feed, sum(rows)::bigint, sum(quarantined)::bigint, (max(sealed_at) AT TIME ZONE 'Asia/Tokyo')::date
FROM facts.batch WHERE (sealed_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
GROUP BY feed

-- held --
-- Feeds of which a file of the quarter still waited for a person at its end.
SELECT DISTINCT feed FROM intake.held
WHERE (held_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
  AND (released_at IS NULL OR (released_at AT TIME ZONE 'Asia/Tokyo')::date > %(last)s)

-- linkage --
-- The newest linkage run of the quarter, and how many rows of each feed it saw.
SELECT r.persons, r.children, r.links, r.review, r.unlinked,
       (SELECT coalesce(jsonb_object_agg(feed, loaded), '{}')
        FROM (SELECT feed, sum(loaded) AS loaded FROM facts.batch b WHERE b.seal < r.seal GROUP BY feed) AS seen)
FROM linkage.run r JOIN platform.seal s USING (seal)
WHERE (s.sealed_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s ORDER BY r.seal DESC LIMIT 1

-- queue --
-- Alerts published in the quarter by category and by what people had last done with them at its end; NULL = nothing yet.
SELECT category, verb, count(*) FROM (
    SELECT a.category, (SELECT c.verb FROM casework.action c
                        WHERE c.alert = a.alert AND (c.acted_at AT TIME ZONE 'Asia/Tokyo')::date <= %(last)s
                        ORDER BY c.action DESC LIMIT 1) AS verb
    FROM publication.alert a
    WHERE (a.published_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
) AS alerts GROUP BY 1, 2

-- closings --
-- What people did with alerts in the quarter, by reason code.
SELECT verb, reason, count(*) FROM casework.action
WHERE (acted_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s GROUP BY 1, 2

-- duties --
-- Duties by code: opened in the quarter, done in it, and overdue at its end.
SELECT code, count(*) FILTER (WHERE opened_on BETWEEN %(first)s AND %(last)s),
       count(*) FILTER (WHERE done_on BETWEEN %(first)s AND %(last)s),
       count(*) FILTER (WHERE due < least(%(last)s, platform.today()) AND (done_on IS NULL OR done_on > %(last)s))
FROM gate.duty WHERE opened_on <= %(last)s AND (done_on IS NULL OR done_on >= %(first)s)
GROUP BY code ORDER BY code

-- emergencies --
-- Permits of the quarter in an emergency, by what had become of their review at its end.
SELECT state, count(*) FROM gate.decision d LEFT JOIN gate.emergency_review r
    ON r.decision = d.decision AND (r.at AT TIME ZONE 'Asia/Tokyo')::date <= %(last)s,
LATERAL (SELECT (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date) AS day (acted),
LATERAL (SELECT CASE WHEN r.late THEN 'late' WHEN r.finding IS NOT NULL THEN r.finding
                     WHEN day.acted + 3 < least(%(last)s, platform.today()) THEN 'unreviewed' ELSE 'waiting' END) AS became (state)
WHERE d.emergency AND d.outcome = 'permit' AND day.acted BETWEEN %(first)s AND %(last)s
GROUP BY state

-- changes --
-- The official runs of the months before, one a date, and this run itself; oldest first.
SELECT as_of, children, counts FROM (
    SELECT DISTINCT ON (r.as_of) r.as_of, r.children, c.counts
    FROM judgement.run r JOIN judgement.change c USING (run)
    WHERE r.as_of > %(since)s AND (r.run = %(run)s OR r.as_of < %(as_of)s AND (
        r.status = 'official' OR r.status = 'held' AND 2 <= (SELECT count(*) FROM judgement.release l WHERE l.run = r.run)))
    ORDER BY r.as_of, r.seal DESC) AS newest
ORDER BY as_of
