-- last_seal --
-- The newest seal: what was loaded, linked or decided since is not seen.
SELECT seal FROM platform.seal_head

-- residents --
-- What the register says of a person beside what the rules look at, by source row.
SELECT (batch << 32) | line AS source, sex, jumin_shubetsu AS nationality, town AS area
FROM facts.resident LEFT JOIN gate.towns() USING (batch, line)

-- schools --
-- The school of an entry of 学齢簿, by source row.
SELECT (batch << 32) | line AS source, school_code AS school FROM facts.gakureibo

-- acts --
-- What people found of the alerts of each child: the last act on each that settles something.
SELECT DISTINCT ON (a.alert) a.child_id::text AS child_id, c.verb = 'confirm' AS need,
       (c.acted_at AT TIME ZONE 'Asia/Tokyo')::date AS day
FROM casework.action c JOIN publication.alert a USING (alert)
WHERE c.verb IN ('confirm', 'dismiss') ORDER BY a.alert, c.action DESC
