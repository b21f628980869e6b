-- range --
-- The entries of the quarter: first and last index, how many.
SELECT min(index), max(index), count(*) FROM ledger.entry
WHERE convert_from(leaf, 'UTF8')::jsonb ->> 'day' BETWEEN %(first)s AND %(last)s

-- acts --
-- Decisions of the quarter by what their entries show in clear.
SELECT e ->> 'act', e ->> 'decision', e ->> 'clause', left(e ->> 'approval', 12), coalesce(e ->> 'recipient', '庁内処理'), count(*)
FROM (SELECT convert_from(leaf, 'UTF8')::jsonb AS e FROM ledger.entry) AS entries
WHERE e ->> 'kind' = 'decision' AND e ->> 'day' BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5

-- items --
-- Decisions of the quarter by the feed or kind of result whose items they touched.
SELECT kind, e ->> 'decision', count(*)
FROM (SELECT convert_from(leaf, 'UTF8')::jsonb AS e FROM ledger.entry) AS entries,
     LATERAL (SELECT DISTINCT split_part(item, '.', 1) AS kind FROM jsonb_array_elements_text(e -> 'items') AS item) AS kinds
WHERE e ->> 'kind' = 'decision' AND e ->> 'day' BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2 ORDER BY 1, 2

-- human_acts --
-- Entries of the quarter that are no decision: persons, approvals, releases, work on cases.
SELECT e ->> 'kind', count(*)
FROM (SELECT convert_from(leaf, 'UTF8')::jsonb AS e FROM ledger.entry) AS entries
WHERE e ->> 'kind' <> 'decision' AND e ->> 'day' BETWEEN %(first)s AND %(last)s
GROUP BY 1 ORDER BY 1

-- approvals --
-- Approvals whose period touches the quarter, with the opinion they rest on.
SELECT approval, version, left(encode(hash, 'hex'), 12), state, profile, clause, recurrence, period_from, period_to, opinion,
       opinion_on, rule_sets
FROM gate.approval WHERE period_from <= %(last)s AND period_to >= %(first)s ORDER BY approval, version

-- runs --
-- Runs of the quarter against the approvals they rested on.
SELECT r.run, r.as_of, r.status, r.rules, d.approval, d.version, d.clause, encode(r.root, 'hex'), d.entry, r.children,
       r.categories, r.summary, r.known_at,
       (SELECT count(*) FROM judgement.release l WHERE l.run = r.run)
FROM judgement.run r JOIN gate.decision d USING (decision)
WHERE (r.judged_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s ORDER BY r.seal

-- loads --
-- Rows handed in and refused in the quarter, by feed.
SELECT feed, count(*), sum(rows)::bigint, sum(quarantined)::bigint, sum(tombstones)::bigint, max(sealed_at)
FROM facts.batch WHERE (sealed_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
GROUP BY feed ORDER BY feed

-- linkage --
-- The newest linkage run of the quarter.
SELECT r.persons, r.children, r.links, r.review, r.unlinked FROM linkage.run r JOIN platform.seal s USING (seal)
WHERE (s.sealed_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s ORDER BY seal DESC LIMIT 1

-- queue --
-- Alerts published in the quarter by category and what people last did with them.
SELECT a.category, coalesce((SELECT verb FROM casework.action c WHERE c.alert = a.alert ORDER BY action DESC LIMIT 1), 'new'), count(*)
FROM publication.alert a
WHERE (a.published_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2 ORDER BY 1, 2

-- closings --
-- What people did with alerts in the quarter, by reason code.
SELECT verb, reason, count(*) FROM casework.action
WHERE (acted_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s GROUP BY 1, 2 ORDER BY 1, 2
