-- crosswalk_versions --
-- Every version of every row of the crosswalk, with when it was known.
SELECT f.record_key, f.op, CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END AS known_at, b.seal,
       coalesce(f.source_batch_id, '') AS source_batch_id, f.event_time, f.content_hash,
       f.person_key, f.pupil_key, f.sourced_key, f.uuid_key
FROM facts.oneroster_map f JOIN facts.batch b USING (batch)
WHERE b.seal IS NOT NULL

-- children_named --
-- Every number (宛名番号) that some row names as a child, or as a resident of child's age, and since when that was known.
WITH named AS (
    SELECT person_key, batch, event_time FROM facts.resident
    WHERE birth IS NULL OR effective_from <= make_date(
        extract(year FROM birth + interval '18 years' - interval '1 day')::int
        + CASE WHEN to_char(birth + interval '18 years' - interval '1 day', 'MMDD') > '0331' THEN 1 ELSE 0 END, 3, 31)
    UNION ALL SELECT person_key, batch, event_time FROM facts.gakureibo
    UNION ALL SELECT person_key, batch, event_time FROM facts.oneroster_map
    UNION ALL SELECT person_key, batch, event_time FROM facts.academic
    UNION ALL SELECT person_key, batch, event_time FROM facts.shugaku_enjo
    UNION ALL SELECT child_key, batch, event_time FROM facts.jido_fuyo_teate
    UNION ALL SELECT child_key, batch, event_time FROM facts.jido_teate
    UNION ALL SELECT child_key, batch, event_time FROM facts.boshi_hoken
    UNION ALL SELECT child_key, batch, event_time FROM facts.hoiku
    UNION ALL SELECT child_key, batch, event_time FROM facts.soudan
    UNION ALL SELECT person_key, batch, event_time FROM facts.edu_support
)
SELECT n.person_key, min(CASE WHEN b.initial THEN n.event_time ELSE b.sealed_at END) AS known_at
FROM named n JOIN facts.batch b USING (batch)
WHERE b.seal IS NOT NULL AND n.person_key IS NOT NULL
GROUP BY 1

-- stays --
-- Names, births and stays of children in the resident register, for the rule.
SELECT f.person_key, n.name_kana, n.kana_confirmed, n.addr_joined, f.birth, f.birth_precision, f.status,
       f.effective_from, f.effective_to, CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END AS known_at
FROM facts.resident f
JOIN identity.resident_name n USING (batch, line)
JOIN facts.batch b USING (batch)
WHERE b.seal IS NOT NULL AND f.op <> 'D' AND f.birth > %(born_after)s

-- links --
-- Every version of every link.
SELECT person_key, child_id::text AS child_id, basis, op, known_at FROM linkage.link

-- school_rows --
-- Rows of each school feed by the number they bear.
SELECT 'academic' AS feed, pupil_key, count(*) AS rows FROM facts.academic WHERE pupil_key IS NOT NULL GROUP BY 2
UNION ALL SELECT 'life_answer', pupil_key, count(*) FROM facts.life_answer GROUP BY 2
UNION ALL SELECT 'life_scale', pupil_key, count(*) FROM facts.life_scale GROUP BY 2
UNION ALL SELECT 'physical', pupil_key, count(*) FROM facts.physical GROUP BY 2
UNION ALL SELECT 'attendance', pupil_key, count(*) FROM facts.attendance GROUP BY 2
UNION ALL SELECT 'health_check', pupil_key, count(*) FROM facts.health_check GROUP BY 2
UNION ALL SELECT 'edu_support', pupil_key, count(*) FROM facts.edu_support WHERE pupil_key IS NOT NULL GROUP BY 2

-- persons --
-- How many numbers of persons there are.
SELECT count(*) FROM identity.person

-- households --
-- Membership of households by the resident register's newest versions.
WITH newest AS (
    SELECT DISTINCT ON (f.record_key) f.person_key, f.setai_key, f.effective_from, f.effective_to, f.status, f.op
    FROM facts.resident f JOIN facts.batch b USING (batch)
    WHERE b.seal IS NOT NULL
    ORDER BY f.record_key, CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END DESC, b.seal DESC,
             position(f.op::text IN 'IUD') DESC, f.source_batch_id DESC, f.event_time DESC, f.content_hash DESC
)
SELECT DISTINCT ON (setai_key, person_key, effective_from) setai_key, person_key, effective_from AS from_date, effective_to AS to_date
FROM newest WHERE op <> 'D' AND status = '住民' AND setai_key IS NOT NULL AND effective_from IS NOT NULL
ORDER BY setai_key, person_key, effective_from, effective_to DESC NULLS FIRST

-- recorded_households --
-- Membership as recorded so far, withdrawn ones left out.
SELECT setai_key, person_key, from_date, to_date FROM (
    SELECT DISTINCT ON (setai_key, person_key, from_date) * FROM linkage.household
    ORDER BY setai_key, person_key, from_date, seal DESC, op
) AS newest WHERE op = 'I'

-- reviews --
-- Pairs that already wait.
SELECT left_key, right_key FROM linkage.review

-- give_run --
-- One linkage run.
INSERT INTO linkage.run (seal, persons, children, links, review, unlinked, decision)
VALUES (%(seal)s, %(persons)s, %(children)s, %(links)s, %(review)s, %(unlinked)s, %(decision)s)

-- crosswalk --
-- Every number that is linked, with its system and child: of two links the one known last.
SELECT p.system, p.number, l.child_id FROM (
    SELECT DISTINCT ON (person_key) person_key, child_id FROM (
        SELECT DISTINCT ON (person_key, basis) * FROM linkage.link
        ORDER BY person_key, basis, known_at DESC, seal DESC, op DESC
    ) AS newest WHERE op = 'I' ORDER BY person_key, known_at DESC, basis DESC
) AS l JOIN identity.person p USING (person_key) ORDER BY p.system, p.number
