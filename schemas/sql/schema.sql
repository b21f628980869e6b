-- The whole database, from empty. Run by `mimamori migrate` as the administrator, in one transaction, with the roles made beforehand.
-- Tables belong to mimamori_owner (NOLOGIN); functions that act for another role belong to gate or ledger, never to the owner.
-- Grants stand beside their table; what is not granted is refused, and a test proves it.
-- Every function names pg_temp last in its path: unnamed it comes first, and a caller's own type `text` would run as the definer.

SET ROLE mimamori_owner;

-- == platform ==========================================================================================================

-- Nobody may run a function or use the schema public unless it is granted beside its object.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET ROLE gate;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET ROLE ledger;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET ROLE mimamori_owner;

CREATE SCHEMA platform;
GRANT USAGE ON SCHEMA platform
    TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor, worker;

-- What this database is for; written once, by migrate. A clock that is not real is heard in demo and test alone.
CREATE TABLE platform.home (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    env text NOT NULL CHECK (env IN ('production', 'demo', 'test')),
    written_by name NOT NULL DEFAULT current_user
);

-- This moment by the service's clock. In demo and test the connection setting mimamori.clock moves it: `fixed:TIME`
-- or `offset:INTERVAL`; in production it is the database's own whatever a connection says.
CREATE FUNCTION platform.now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN home.env = 'production' OR clock.setting = '' THEN clock_timestamp()
        WHEN starts_with(clock.setting, 'fixed:') THEN substr(clock.setting, 7)::timestamptz
        ELSE clock_timestamp() + substr(clock.setting, 8)::interval
    END
    FROM platform.home, coalesce(current_setting('mimamori.clock', true), '') AS clock (setting);
END;

-- The day in Japan by the same clock.
CREATE FUNCTION platform.today() RETURNS date LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (platform.now() AT TIME ZONE 'Asia/Tokyo')::date;
END;

GRANT EXECUTE ON FUNCTION platform.now(), platform.today()
    TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor, worker;

-- version: SHA-256 of this file; catalogue: digest of what the database enforced right after (services.platform.catalogue).
CREATE TABLE platform.migration (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version text NOT NULL,
    catalogue text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    written_by name NOT NULL DEFAULT current_user
);

-- The last seal given. Its one row is the lock under which seals are given, so their order is the order of commits.
CREATE TABLE platform.seal_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    seal bigint NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

-- kind: what the seal closes, for instance `batch`, `links`, `run`.
CREATE TABLE platform.seal (
    seal bigint PRIMARY KEY CHECK (seal > 0),
    sealed_at timestamptz NOT NULL,
    kind text NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

GRANT SELECT ON platform.home, platform.migration, platform.seal_head, platform.seal
    TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor, worker;
GRANT INSERT ON platform.seal TO ledger;
GRANT INSERT, UPDATE (seal) ON platform.seal_head TO ledger;

GRANT CREATE ON SCHEMA platform TO ledger;
SET ROLE ledger;
INSERT INTO platform.seal_head (seal) VALUES (0);

-- The next seal, without gaps: other sealing transactions wait until the caller's ends, so take it late.
-- sealed_at is read under the lock; written_by is the role that logged in.
CREATE FUNCTION platform.give_seal(kind text) RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
BEGIN ATOMIC
    WITH head AS (UPDATE platform.seal_head SET seal = seal_head.seal + 1 RETURNING seal_head.seal)
    INSERT INTO platform.seal (seal, sealed_at, kind, written_by)
    SELECT head.seal, platform.now(), give_seal.kind, session_user FROM head
    RETURNING seal.seal;
END;
GRANT EXECUTE ON FUNCTION platform.give_seal(text) TO intake, linkage, analyst, publisher, casework, approvals, gate, worker;

SET ROLE mimamori_owner;
REVOKE CREATE ON SCHEMA platform FROM ledger;

-- == identity ==========================================================================================================
-- What names or finds a person. Numbers get random keys here, and only the keys go on (promise 5).

CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity TO intake, linkage, gate, rights;

-- The key of all keyed hashes of this home (record_key, content_hash): 32 random bytes, made at the first load.
CREATE TABLE identity.pepper (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    written_by name NOT NULL DEFAULT current_user
);

-- system: the column that bears the number: atena_no, pupil_no, sourced_id, uuid.
CREATE TABLE identity.person (
    system text NOT NULL CHECK (system IN ('atena_no', 'pupil_no', 'sourced_id', 'uuid')),
    number text NOT NULL,
    person_key bigint NOT NULL UNIQUE CHECK (person_key > 0),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (system, number)
);

CREATE TABLE identity.household (
    number text PRIMARY KEY,
    setai_key bigint NOT NULL UNIQUE CHECK (setai_key > 0),
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE identity.case (
    number text PRIMARY KEY,
    case_key bigint NOT NULL UNIQUE CHECK (case_key > 0),
    written_by name NOT NULL DEFAULT current_user
);

-- Names and addresses of one version of a resident's entry: the row of facts.resident with the same batch and line.
CREATE TABLE identity.resident_name (
    batch bigint NOT NULL,
    line integer NOT NULL,
    person_key bigint NOT NULL,
    name_kanji text, name_kana text, kana_confirmed boolean, common_name text, name_alpha text,
    machiaza_id text, addr_joined text, addr_banchi text, addr_kata text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);
CREATE INDEX resident_name_person ON identity.resident_name (person_key);

-- The sources' own record ids, of feeds where a tie may be settled by the greater one (reading 25).
CREATE TABLE identity.record (
    feed text NOT NULL,
    record_key bigint NOT NULL,
    source_record_id text NOT NULL,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (feed, record_key)
);

GRANT SELECT, INSERT ON identity.pepper, identity.person, identity.household, identity.case, identity.resident_name,
    identity.record TO intake;
GRANT SELECT ON identity.person, identity.household, identity.resident_name TO linkage;
GRANT SELECT ON identity.person, identity.household, identity.case, identity.resident_name TO gate, rights;

-- == facts =============================================================================================================
-- One table a feed, by random keys. A row is never updated; a vanished record is a row with op = D. `batch` is no foreign
-- key, for speed: the batch's row is written last, with its seal, in the same transaction as its rows.

CREATE SCHEMA facts;
GRANT USAGE ON SCHEMA facts TO intake, linkage, analyst, gate, publisher, casework, council, rights, auditor, worker;

CREATE SEQUENCE facts.batch_number AS bigint MAXVALUE 2147483647;  -- a source is batch << 32 | line in 63 bits
GRANT USAGE ON SEQUENCE facts.batch_number TO intake;

-- One file, loaded. kept and dropped: contract columns that were taken, and that no approval in force named.
-- rows = loaded + unchanged + refused; quarantined counts refused rows and refused answers of rows that were taken.
CREATE TABLE facts.batch (
    batch bigint PRIMARY KEY,
    feed text NOT NULL,
    file text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),  -- SHA-256 of the file
    profile text NOT NULL,
    initial boolean NOT NULL,         -- known-at of its rows is event_time, else sealed_at
    kept text[] NOT NULL,
    dropped text[] NOT NULL,
    rows bigint NOT NULL,
    loaded bigint NOT NULL,
    unchanged bigint NOT NULL,
    quarantined bigint NOT NULL,
    tombstones bigint NOT NULL,
    warnings jsonb NOT NULL,          -- code -> count
    released_by text,                 -- who released it, if it had been held
    seal bigint NOT NULL UNIQUE REFERENCES platform.seal,
    sealed_at timestamptz NOT NULL,
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS ('collect') STORED,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    written_by name NOT NULL DEFAULT current_user
);
CREATE INDEX batch_feed ON facts.batch (feed, batch);

-- 採点キー: one item of one form and key version.
CREATE TABLE facts.instrument_key (
    batch bigint NOT NULL, line integer NOT NULL,
    content_hash uuid NOT NULL,
    form_version text, key_version text, item_code text, scale_code text, reverse boolean,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 調査票の基準値: one scale of one form and grade.
CREATE TABLE facts.instrument_norm (
    batch bigint NOT NULL, line integer NOT NULL,
    content_hash uuid NOT NULL,
    form_version text, scale_code text, grade text, mean numeric, sd numeric,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 満点表: one survey, year, grade and subject.
CREATE TABLE facts.survey_max (
    batch bigint NOT NULL, line integer NOT NULL,
    content_hash uuid NOT NULL,
    survey_id text, fy integer, grade text, subject text, max numeric,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 根拠台帳: one line of the register.
CREATE TABLE facts.legal_basis (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    law_article text, purpose text, items text[], holder text, "user" text, recurrence text, approved date,
    approved_raw text, approved_precision text, review_due date, review_due_raw text, review_due_precision text,
    council_item text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 住民: one change of one person (atena_no, rireki_no).
CREATE TABLE facts.resident (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    person_key bigint, rireki_no integer, setai_key bigint, birth date, birth_raw text, birth_precision text, sex text,
    lg_code text, zokugara text, jumin_shubetsu text, status text, ido_jiyu text, ido_date date, ido_date_raw text,
    ido_date_precision text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 世帯: one person in one household.
CREATE TABLE facts.household (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    setai_key bigint, person_key bigint, head boolean, zokugara text, guardian_of_key bigint,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 支援措置: one measure.
CREATE TABLE facts.shien_sochi (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    person_key bigint, kind text, co_applicant_keys bigint[], start_date date, start_date_raw text,
    start_date_precision text, end_date date, end_date_raw text, end_date_precision text, blocked_offices text[],
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 学齢簿: one version of one child's entry.
CREATE TABLE facts.gakureibo (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    person_key bigint, guardian_key bigint, guardian_zokugara text, school_code text, grade text, class_kind text,
    kubun text, enter date, enter_raw text, enter_precision text, transfer_in date, transfer_in_raw text,
    transfer_in_precision text, transfer_out date, transfer_out_raw text, transfer_out_precision text, graduate date,
    graduate_raw text, graduate_precision text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 校務の対応表: one user.
CREATE TABLE facts.oneroster_map (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    sourced_key bigint, uuid_key bigint, person_key bigint, pupil_key bigint, verified_by text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 学力調査: one pupil, survey and subject.
CREATE TABLE facts.academic (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, person_key bigint, survey_id text, fy integer, date date, date_raw text, date_precision text,
    grade text, subject text, raw numeric, rate numeric, dev numeric, absent boolean, norm_id text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 生活の質問紙（回答）: one answer, or one sheet.
CREATE TABLE facts.life_answer (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, survey_id text, form_version text, key_version text, fy integer, date date, date_raw text,
    date_precision text, item_codes text[] NOT NULL, answers smallint[] NOT NULL,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 生活の質問紙（尺度）: one pupil, survey and scale.
CREATE TABLE facts.life_scale (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, survey_id text, form_version text, key_version text, fy integer, date date, date_raw text,
    date_precision text, scale_code text, score numeric, answered integer, items integer,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 体力調査: one pupil, year and event.
CREATE TABLE facts.physical (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, fy integer, event_code text, value numeric, total_dev numeric, grade_rank text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 出欠: one pupil, month and school.
CREATE TABLE facts.attendance (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, ym integer, school_days integer, absent_sick integer, absent_other integer, absent_unknown integer,
    suspended integer, mourning integer, late integer, early integer, nurse_room integer,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 学校の健康診断: one pupil and year.
CREATE TABLE facts.health_check (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, fy integer, height numeric, weight numeric, obesity_pct numeric, eyesight_r text, eyesight_l text,
    caries_untreated integer, referral_unvisited boolean,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 就学援助: one child, year and decision.
CREATE TABLE facts.shugaku_enjo (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    person_key bigint, guardian_key bigint, fy integer, status text, category text, from_date date, from_date_raw text,
    from_date_precision text, to_date date, to_date_raw text, to_date_precision text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 生活保護: one spell of one member.
CREATE TABLE facts.seikatsu_hogo (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    setai_key bigint, case_key bigint, member_key bigint, status text, start_date date, start_date_raw text,
    start_date_precision text, end_date date, end_date_raw text, end_date_precision text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 児童扶養手当: one recipient, child and stretch of months.
CREATE TABLE facts.jido_fuyo_teate (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    recipient_key bigint, child_key bigint, status text, from_month integer, to_month integer, reason text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 児童手当: one recipient, child and stretch of months.
CREATE TABLE facts.jido_teate (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    recipient_key bigint, child_key bigint, from_month integer, to_month integer, category text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 課税区分: one household or person and year.
CREATE TABLE facts.tax_class (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    setai_key bigint, person_key bigint, fy integer, class text, held_by text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 母子保健: one check-up or visit that was due.
CREATE TABLE facts.boshi_hoken (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    child_key bigint, mother_key bigint, kind text, due_from date, due_from_raw text, due_from_precision text, due_to date,
    due_to_raw text, due_to_precision text, visited date, visited_raw text, visited_precision text, result text,
    reached_by_other boolean,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 保育・子育て利用: one child's use of one facility.
CREATE TABLE facts.hoiku (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    child_key bigint, facility_code text, kind text, from_date date, from_date_raw text, from_date_precision text,
    to_date date, to_date_raw text, to_date_precision text, fee_class text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 相談・要対協: one registration of one child.
CREATE TABLE facts.soudan (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    case_key bigint, child_key bigint, kind text, received date, received_raw text, received_precision text, closed date,
    closed_raw text, closed_precision text, status text, office text,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- 教育相談・支援の利用: one use of one service.
CREATE TABLE facts.edu_support (
    batch bigint NOT NULL, line integer NOT NULL,
    record_key bigint NOT NULL, source_system text NOT NULL, op "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
    event_time timestamptz NOT NULL, effective_from date, effective_from_raw text, effective_from_precision text,
    effective_to date, effective_to_raw text, effective_to_precision text, legal_basis_id text NOT NULL,
    source_batch_id text, content_hash uuid NOT NULL, revises boolean NOT NULL,
    pupil_key bigint, person_key bigint, service text, from_date date, from_date_raw text, from_date_precision text,
    to_date date, to_date_raw text, to_date_precision text, sessions integer,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (batch, line)
);

-- Few records are ever revised; a run settles the versions of these alone.
CREATE INDEX legal_basis_revised ON facts.legal_basis (record_key) WHERE revises;
CREATE INDEX resident_revised ON facts.resident (record_key) WHERE revises;
CREATE INDEX household_revised ON facts.household (record_key) WHERE revises;
CREATE INDEX shien_sochi_revised ON facts.shien_sochi (record_key) WHERE revises;
CREATE INDEX gakureibo_revised ON facts.gakureibo (record_key) WHERE revises;
CREATE INDEX oneroster_map_revised ON facts.oneroster_map (record_key) WHERE revises;
CREATE INDEX academic_revised ON facts.academic (record_key) WHERE revises;
CREATE INDEX life_answer_revised ON facts.life_answer (record_key) WHERE revises;
CREATE INDEX life_scale_revised ON facts.life_scale (record_key) WHERE revises;
CREATE INDEX physical_revised ON facts.physical (record_key) WHERE revises;
CREATE INDEX attendance_revised ON facts.attendance (record_key) WHERE revises;
CREATE INDEX health_check_revised ON facts.health_check (record_key) WHERE revises;
CREATE INDEX shugaku_enjo_revised ON facts.shugaku_enjo (record_key) WHERE revises;
CREATE INDEX seikatsu_hogo_revised ON facts.seikatsu_hogo (record_key) WHERE revises;
CREATE INDEX jido_fuyo_teate_revised ON facts.jido_fuyo_teate (record_key) WHERE revises;
CREATE INDEX jido_teate_revised ON facts.jido_teate (record_key) WHERE revises;
CREATE INDEX tax_class_revised ON facts.tax_class (record_key) WHERE revises;
CREATE INDEX boshi_hoken_revised ON facts.boshi_hoken (record_key) WHERE revises;
CREATE INDEX hoiku_revised ON facts.hoiku (record_key) WHERE revises;
CREATE INDEX soudan_revised ON facts.soudan (record_key) WHERE revises;
CREATE INDEX edu_support_revised ON facts.edu_support (record_key) WHERE revises;

CREATE INDEX resident_person ON facts.resident (person_key);
-- One child is judged by the records that name it, its household or somebody who lives there: all versions of each.
CREATE INDEX resident_record ON facts.resident (record_key);
CREATE INDEX resident_setai ON facts.resident (setai_key);
CREATE INDEX household_record ON facts.household (record_key);
CREATE INDEX household_person ON facts.household (person_key);
CREATE INDEX gakureibo_record ON facts.gakureibo (record_key);
CREATE INDEX gakureibo_person ON facts.gakureibo (person_key);
CREATE INDEX academic_record ON facts.academic (record_key);
CREATE INDEX academic_pupil ON facts.academic (pupil_key);
CREATE INDEX academic_person ON facts.academic (person_key);
CREATE INDEX life_answer_record ON facts.life_answer (record_key);
CREATE INDEX life_answer_pupil ON facts.life_answer (pupil_key);
CREATE INDEX life_scale_record ON facts.life_scale (record_key);
CREATE INDEX life_scale_pupil ON facts.life_scale (pupil_key);
CREATE INDEX physical_record ON facts.physical (record_key);
CREATE INDEX physical_pupil ON facts.physical (pupil_key);
CREATE INDEX attendance_record ON facts.attendance (record_key);
CREATE INDEX attendance_pupil ON facts.attendance (pupil_key);
CREATE INDEX shugaku_enjo_record ON facts.shugaku_enjo (record_key);
CREATE INDEX shugaku_enjo_person ON facts.shugaku_enjo (person_key);
CREATE INDEX shugaku_enjo_guardian ON facts.shugaku_enjo (guardian_key);
CREATE INDEX seikatsu_hogo_record ON facts.seikatsu_hogo (record_key);
CREATE INDEX seikatsu_hogo_member ON facts.seikatsu_hogo (member_key);
CREATE INDEX jido_fuyo_teate_record ON facts.jido_fuyo_teate (record_key);
CREATE INDEX jido_fuyo_teate_recipient ON facts.jido_fuyo_teate (recipient_key);
CREATE INDEX jido_fuyo_teate_child ON facts.jido_fuyo_teate (child_key);
CREATE INDEX tax_class_record ON facts.tax_class (record_key);
CREATE INDEX tax_class_person ON facts.tax_class (person_key);
CREATE INDEX tax_class_setai ON facts.tax_class (setai_key);
CREATE INDEX boshi_hoken_record ON facts.boshi_hoken (record_key);
CREATE INDEX boshi_hoken_child ON facts.boshi_hoken (child_key);
CREATE INDEX boshi_hoken_mother ON facts.boshi_hoken (mother_key);
CREATE INDEX hoiku_record ON facts.hoiku (record_key);
CREATE INDEX hoiku_child ON facts.hoiku (child_key);
CREATE INDEX soudan_record ON facts.soudan (record_key);
CREATE INDEX soudan_child ON facts.soudan (child_key);
CREATE INDEX edu_support_record ON facts.edu_support (record_key);
CREATE INDEX edu_support_pupil ON facts.edu_support (pupil_key);
CREATE INDEX edu_support_person ON facts.edu_support (person_key);
CREATE INDEX shien_sochi_person ON facts.shien_sochi (person_key);
-- An event is compared with the versions of its record, and is its household's by the pupil's number.
CREATE INDEX shien_sochi_record ON facts.shien_sochi (record_key);
CREATE INDEX oneroster_map_record ON facts.oneroster_map (record_key);
CREATE INDEX oneroster_map_pupil ON facts.oneroster_map (pupil_key);
CREATE INDEX health_check_record ON facts.health_check (record_key);
CREATE INDEX jido_teate_record ON facts.jido_teate (record_key);

-- The rank of each record's source_record_id within its feed; the text itself stays in identity.
CREATE VIEW facts.record_order AS
    SELECT feed, record_key, rank() OVER (PARTITION BY feed ORDER BY source_record_id COLLATE "C") AS rank FROM identity.record;

GRANT INSERT (batch, feed, file, digest, profile, initial, kept, dropped, rows, loaded, unchanged, quarantined, tombstones,
    warnings, released_by, seal, sealed_at, decision) ON facts.batch TO intake;
GRANT INSERT ON facts.instrument_key, facts.instrument_norm, facts.survey_max, facts.legal_basis, facts.resident, facts.household,
    facts.shien_sochi, facts.gakureibo, facts.oneroster_map, facts.academic, facts.life_answer, facts.life_scale,
    facts.physical, facts.attendance, facts.shugaku_enjo, facts.seikatsu_hogo, facts.jido_fuyo_teate, facts.tax_class,
    facts.boshi_hoken, facts.soudan, facts.edu_support, facts.health_check, facts.jido_teate, facts.hoiku TO intake;
GRANT SELECT ON ALL TABLES IN SCHEMA facts TO intake, analyst, worker;
-- No judgement reads these, so nobody who judges does.
REVOKE SELECT ON facts.shien_sochi, facts.health_check, facts.jido_teate FROM analyst, worker;
GRANT SELECT ON facts.batch TO linkage, gate, publisher, casework, council, rights, auditor;
GRANT SELECT ON facts.shien_sochi TO gate;
-- Linkage needs to know which numbers are a child's, and nothing of what is said about the child.
GRANT SELECT ON facts.resident, facts.oneroster_map TO linkage;
GRANT SELECT (batch, event_time, person_key) ON facts.gakureibo, facts.academic, facts.shugaku_enjo, facts.edu_support TO linkage;
GRANT SELECT (batch, event_time, child_key) ON facts.jido_fuyo_teate, facts.jido_teate, facts.boshi_hoken, facts.hoiku, facts.soudan TO linkage;
GRANT SELECT (pupil_key) ON facts.academic, facts.edu_support, facts.life_answer, facts.life_scale, facts.physical,
    facts.attendance, facts.health_check TO linkage;
GRANT SELECT ON facts.resident, facts.gakureibo TO gate;

-- == intake ============================================================================================================

CREATE SCHEMA intake;
GRANT USAGE ON SCHEMA intake TO intake, auditor, council;

-- A refused row, or a refused answer of a row that was taken. raw: texts of approved columns only. The same refusal is kept
-- once, whichever load brings it again; mended_at: when a later row of the same record was taken.
CREATE TABLE intake.quarantine (
    quarantine bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text NOT NULL,
    file text NOT NULL,
    line integer NOT NULL,
    batch bigint NOT NULL,
    column_name text,                 -- null: the row as a whole
    rule text NOT NULL,
    mend text NOT NULL,
    raw jsonb NOT NULL,
    record_key bigint,                -- null: the row does not say which record it is
    fingerprint uuid NOT NULL UNIQUE, -- keyed hash of feed, rule, column and raw texts
    quarantined_at timestamptz NOT NULL DEFAULT platform.now(),
    expires_at timestamptz NOT NULL DEFAULT platform.now() + interval '90 days',
    mended_at timestamptz,
    written_by name NOT NULL DEFAULT current_user
);
CREATE INDEX quarantine_record ON intake.quarantine (feed, record_key) WHERE mended_at IS NULL;

-- A file above its budgets: nothing of it is loaded until a person releases it; its approved columns wait in the spool.
CREATE TABLE intake.held (
    batch bigint PRIMARY KEY,
    feed text NOT NULL,
    file text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    profile text NOT NULL,
    plan jsonb NOT NULL,              -- how the file was read: mode, initial, columns, tax offices
    spool text NOT NULL,              -- name in $MIMAMORI_HOME/spool
    reasons jsonb NOT NULL,           -- code -> count
    rows bigint NOT NULL,
    held_at timestamptz NOT NULL DEFAULT platform.now(),
    released_at timestamptz,
    released_by text,
    written_by name NOT NULL DEFAULT current_user
);

GRANT SELECT, INSERT, DELETE, UPDATE (mended_at) ON intake.quarantine TO intake;
GRANT SELECT (quarantine, feed, file, line, batch, column_name, rule, mend, quarantined_at, expires_at, mended_at)
    ON intake.quarantine TO auditor, council;
GRANT SELECT, INSERT, UPDATE (released_at, released_by) ON intake.held TO intake;
GRANT SELECT ON intake.held TO auditor, council;

-- == linkage ===========================================================================================================
-- A link is known from the latest known-at of the rows it rests on, like a fact: the newest version of (person_key, basis)
-- seen at (seal, T) counts, op D withdraws it. child_id is random and never written into a fact.

CREATE SCHEMA linkage;
GRANT USAGE ON SCHEMA linkage TO linkage, analyst, gate, council, auditor, rights, worker;

CREATE TABLE linkage.run (
    run bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seal bigint NOT NULL UNIQUE REFERENCES platform.seal,
    persons bigint NOT NULL,
    children bigint NOT NULL,
    links bigint NOT NULL,
    review bigint NOT NULL,
    unlinked jsonb NOT NULL,          -- feed -> rows whose person has no link
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS ('link') STORED,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE linkage.link (
    person_key bigint NOT NULL,
    child_id uuid NOT NULL,
    basis text NOT NULL,              -- self, crosswalk:RECORD_KEY, rule, person
    op "char" NOT NULL CHECK (op IN ('I', 'D')),
    known_at timestamptz NOT NULL,
    seal bigint NOT NULL REFERENCES linkage.run (seal),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (person_key, basis, seal, op, known_at)
);
CREATE INDEX link_child ON linkage.link (child_id);

-- Pairs that one deterministic rule (kana, birth date, address) leaves open, waiting for a person.
CREATE TABLE linkage.review (
    left_key bigint NOT NULL,
    right_key bigint NOT NULL CHECK (left_key < right_key),
    agree text[] NOT NULL,            -- which of kana, birth, address agree
    why text NOT NULL,                -- code of what leaves it open
    seal bigint NOT NULL REFERENCES linkage.run (seal),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (left_key, right_key)
);

-- Membership of households as linkage saw it, append-only; a judgement takes households from the facts as of its date.
CREATE TABLE linkage.household (
    setai_key bigint NOT NULL,
    person_key bigint NOT NULL,
    from_date date NOT NULL,
    to_date date,
    op "char" NOT NULL CHECK (op IN ('I', 'D')),
    seal bigint NOT NULL REFERENCES linkage.run (seal),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (setai_key, person_key, from_date, seal, op)
);

GRANT SELECT ON linkage.run TO linkage;
GRANT INSERT (seal, persons, children, links, review, unlinked, decision) ON linkage.run TO linkage;
GRANT SELECT, INSERT ON linkage.link, linkage.review, linkage.household TO linkage;
GRANT SELECT ON linkage.run, linkage.link, linkage.household TO analyst, worker;
GRANT SELECT ON linkage.run TO council, auditor;
GRANT SELECT (seal) ON linkage.link TO auditor;  -- how many links a run left
GRANT SELECT ON linkage.link TO gate, rights;

-- == ledger ============================================================================================================
-- An entry's index is given under a lock on the head in the act's own transaction, so index order is commit order.
-- The leaf is canonical JSON (RFC 8785) without personal data; who, when exactly, why and small counts are only committed
-- to, with a fresh salt an entry: details can be erased and every proof stays valid.

CREATE SCHEMA ledger;
GRANT USAGE ON SCHEMA ledger TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor;

CREATE TABLE ledger.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE ledger.entry (
    index bigint PRIMARY KEY CHECK (index >= 0),
    leaf bytea NOT NULL CHECK (octet_length(leaf) < 65536),  -- an export says an entry's length in two bytes (C2SP tlog-tiles)
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE ledger.detail (
    index bigint PRIMARY KEY REFERENCES ledger.entry,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    detail bytea NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

-- One row a published tree. Written under the checkpoint lock once its tree was seen to extend the last; what a file of the
-- home says follows from here, so that a kill between leaves nothing that was signed and is not known.
CREATE TABLE ledger.checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

-- Public keys of the log, oldest first. endorsement: the key before it over this one, as a signed note; NULL for the first
-- and for one that follows a lost key. retired: it signs no more; two that are not both sign.
CREATE TABLE ledger.log_key (
    number int PRIMARY KEY CHECK (number >= 1),
    verifier text NOT NULL UNIQUE,
    endorsement text,
    retired boolean NOT NULL DEFAULT false,
    written_by name NOT NULL DEFAULT current_user
);
-- Whether the gate is shut by the log: the last row says why (the name of what was found), or NULL where it holds again.
CREATE TABLE ledger.halt (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    why text,
    at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user
);
GRANT SELECT ON ledger.checkpoint, ledger.log_key, ledger.halt TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor;
GRANT INSERT ON ledger.checkpoint, ledger.log_key TO ledger;
GRANT INSERT (why) ON ledger.halt TO ledger;
GRANT UPDATE (retired) ON ledger.log_key TO ledger;

GRANT SELECT ON ledger.head, ledger.entry TO intake, linkage, analyst, gate, publisher, casework, approvals, council, rights, auditor;
GRANT SELECT ON ledger.detail TO auditor, rights;
GRANT SELECT, INSERT, UPDATE (size) ON ledger.head TO ledger;
GRANT SELECT, INSERT ON ledger.entry, ledger.detail TO ledger;

RESET ROLE;
GRANT CREATE ON SCHEMA ledger TO ledger;
SET ROLE ledger;
INSERT INTO ledger.head DEFAULT VALUES;

-- RFC 8785 for what entries hold: strings, whole numbers, booleans, nulls, arrays, objects with ASCII keys. Strings are escaped by
-- jsonb's own text just so.
CREATE FUNCTION ledger.canonical(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE jsonb_typeof(value)
    WHEN 'object' THEN
        RETURN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || CASE
                                    WHEN jsonb_typeof(item) IN ('object', 'array', 'number') THEN ledger.canonical(item)
                                    ELSE item::text END, ',' ORDER BY key COLLATE "C")
                                FROM jsonb_each(value) AS pair (key, item)), '') || '}';
    WHEN 'array' THEN
        RETURN '[' || coalesce((SELECT string_agg(ledger.canonical(item), ',' ORDER BY ordinal)
                                FROM jsonb_array_elements(value) WITH ORDINALITY AS element (item, ordinal)), '') || ']';
    WHEN 'number' THEN
        IF value::text !~ '^-?[0-9]{1,15}$' THEN
            RAISE EXCEPTION 'a log entry holds whole numbers only';
        END IF;
        RETURN value::text;
    ELSE
        RETURN value::text;
    END CASE;
END $$;

-- What of this an entry may show for ever: codes and digests by their form, and the office that the gate found in the approval.
-- What has another form is left out, for a name could be typed anywhere.
CREATE FUNCTION ledger.showable(clear jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE jsonb_typeof(value)
               WHEN 'array' THEN (SELECT coalesce(jsonb_agg(item), '[]') FROM jsonb_array_elements_text(value) AS item WHERE item ~ form)
               ELSE value END), '{}')
    FROM jsonb_each(clear) JOIN (VALUES
        ('kind', '^[a-z]+([.][a-z_]+)?$'), ('role', '^[a-z_][a-z0-9_]*$'), ('decision', '^[a-z]+$'), ('emergency', '^true$'),
        ('act', '^(collect|link|judge|simulate|judge_event|publish|publish_event|look|unmask|export|report|erase|unknown)$'),
        ('clause', '^[a-z0-9-]+/[a-z0-9-]+$'), ('approval', '^[0-9a-f]{64}$'), ('root', '^[0-9a-f]{64}$'),
        ('items', '^[a-z0-9_]+[.][a-z0-9_]+$'), ('recipient', '^.{1,100}$'), ('rules', '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
        ('code', '^([0-9a-f]{40}[+]?|[0-9]+([.][0-9a-z]+)*)$')
    ) AS known (key, form) USING (key)
    WHERE (jsonb_typeof(value) = 'array') = (key = 'items') AND (key = 'items' OR value #>> '{}' ~ form)
$$;

-- Appends in order and returns the index of each; the caller's transaction holds the head from here to its end.
-- Each element: {"clear": {...}, "detail": {...}}. 500 at most, so that nobody waits long.
CREATE FUNCTION ledger.append_all(entries jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    added CONSTANT int := jsonb_array_length(entries);
    first bigint;
    moment timestamptz;
BEGIN
    IF added > 500 THEN
        RAISE EXCEPTION 'at most 500 entries at once';
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT element -> 'clear' AS clear, jsonb_typeof(coalesce(element -> 'detail', '{}')) AS detail
                            FROM jsonb_array_elements(entries) AS element) AS shown
               WHERE (clear ->> 'kind' IS NOT NULL AND ledger.showable(clear) = jsonb_strip_nulls(clear) AND detail = 'object') IS NOT TRUE) THEN
        RAISE EXCEPTION 'an entry has a kind, an object as its detail, and shows nothing in clear but codes and digests';
    END IF;
    UPDATE ledger.head SET size = size + added RETURNING size - added INTO first;
    moment := platform.now();  -- under the lock: no entry's day lies before that of an earlier one
    WITH given AS MATERIALIZED (
        SELECT first + ordinal - 1 AS index, element -> 'clear' AS clear,
               sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) AS salt,
               convert_to(ledger.canonical(coalesce(element -> 'detail', '{}') || jsonb_build_object(
                   'at', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))), 'UTF8') AS detail
        FROM jsonb_array_elements(entries) WITH ORDINALITY AS element (element, ordinal)
    ), shown AS (
        INSERT INTO ledger.entry (index, leaf)
        SELECT given.index, convert_to(json_strip_nulls(row_to_json(leaf))::text, 'UTF8')
        FROM given, jsonb_to_record(given.clear) AS clear (
            kind text, act text, role text, clause text, approval text, items text[], recipient text, decision text, rules text,
            code text, root text, emergency boolean
        ), LATERAL (  -- RFC 8785: the columns stand in the order of their names, and a row's JSON has no white space
            SELECT act, approval, clause, code, encode(sha256(salt || detail), 'hex') AS commitment,
                   to_char(moment AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS day, decision, emergency, given.index, items, kind, recipient,
                   role, root, rules, 1 AS v
        ) AS leaf
        ORDER BY given.index
    )
    INSERT INTO ledger.detail (index, salt, detail) SELECT index, salt, detail FROM given;
    RETURN QUERY SELECT generate_series(first, first + added - 1);
END $$;
REVOKE EXECUTE ON FUNCTION ledger.append_all(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_all(jsonb), ledger.showable(jsonb) TO gate;

-- What is no decision: changes of persons and approvals, releases, work on cases. Each kind from its own service alone.
CREATE FUNCTION ledger.append(kind text, clear jsonb, detail jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT (CASE session_user
        WHEN 'approvals' THEN kind ~ '^(approval\.(draft|submit|hear|amend|narrow|revoke)|person\.(add|revoke|suspension)|rules\.adopt)$'
        WHEN 'casework' THEN kind IN ('case.confirm', 'case.watch', 'case.dismiss', 'case.enter', 'case.unmask')
        WHEN 'analyst' THEN kind = 'run.release'
        WHEN 'rights' THEN kind = 'erase.request'
        ELSE false
    END) THEN
        RAISE EXCEPTION 'role % writes no entry of kind %', session_user, kind;
    END IF;
    IF clear - ARRAY['approval', 'clause', 'decision', 'root'] <> '{}' THEN
        RAISE EXCEPTION 'only a decision shows its office, items, rules and code';
    END IF;
    RETURN ledger.append_all(jsonb_build_array(jsonb_build_object(
        'clear', clear || jsonb_build_object('kind', kind, 'role', session_user), 'detail', detail)));
END $$;
REVOKE EXECUTE ON FUNCTION ledger.append(text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append(text, jsonb, jsonb) TO approvals, casework, analyst, rights;

RESET ROLE;
REVOKE CREATE ON SCHEMA ledger FROM ledger;
SET ROLE mimamori_owner;

-- == bus ===============================================================================================================
-- Events on their way to judgement. Storing one is collecting it, so the inbox holds no body: which event came, and which fact it
-- became. What cannot be taken in is a dead letter, again without its body: that stays where it came from.

CREATE SCHEMA bus;
GRANT USAGE ON SCHEMA bus TO intake, worker, publisher, analyst, gate, auditor, council;

CREATE TABLE bus.inbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,      -- order of arrival
    source text NOT NULL,
    event_id text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32), -- keyed hash of the event's data as it came
    feed text NOT NULL,
    part smallint NOT NULL CHECK (part BETWEEN 0 AND 31),    -- hash of the household known at intake, else of the person
    urgent boolean NOT NULL,                                 -- judged before others
    batch bigint NOT NULL,
    line integer,                                            -- of the fact; null: nothing new, or in quarantine
    taken_at timestamptz NOT NULL DEFAULT platform.now(),
    done_at timestamptz,
    done_seal bigint REFERENCES platform.seal,               -- of the 速報 that judged it; null with done_at: nothing to judge
    failed text CHECK (failed ~ '^[A-Za-z_]+$'),             -- class of the error by which judging it alone failed
    written_by name NOT NULL DEFAULT current_user,
    UNIQUE (source, event_id),                               -- an event is taken once
    CHECK (done_seal IS NULL OR done_at IS NOT NULL),
    CHECK (failed IS NULL OR done_at IS NULL)
);
-- In the order in which they are judged; `part` comes last, to pass over others' events without looking at their rows.
CREATE INDEX inbox_waiting ON bus.inbox (urgent DESC, id, part) WHERE done_at IS NULL AND failed IS NULL;
CREATE INDEX inbox_failed ON bus.inbox (id) WHERE failed IS NOT NULL;

-- An event that was not taken in. topic, partition, position: where its body still is, in Kafka or in the file that was sent.
CREATE TABLE bus.dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32), -- keyed hash of the message as it came
    reason text NOT NULL CHECK (reason ~ '^[A-Z_]+$'),
    detail text,                                             -- name of a field or type, never a value
    at timestamptz NOT NULL DEFAULT platform.now(),
    replayed_at timestamptz,                                 -- when it was taken in after all
    sent_at timestamptz,                                     -- when a broker had word of it, where there is one
    written_by name NOT NULL DEFAULT current_user,
    UNIQUE (topic, partition, position, digest)              -- a topic that is made anew has other messages in the same places
);
CREATE INDEX dead_letter_unsent ON bus.dead_letter (id) WHERE sent_at IS NULL;

-- Workers that are there, and which share of the inbox each has, so that a household's events stay in order. By the database's own
-- clock: a lease runs out whatever the service's clock says.
CREATE TABLE bus.worker (
    holder text PRIMARY KEY,
    until timestamptz NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE bus.lease (
    part smallint PRIMARY KEY CHECK (part BETWEEN 0 AND 31),
    holder text NOT NULL REFERENCES bus.worker ON DELETE CASCADE,
    written_by name NOT NULL DEFAULT current_user
);
CREATE INDEX lease_holder ON bus.lease (holder);

GRANT SELECT, INSERT (source, event_id, digest, feed, part, urgent, batch, line) ON bus.inbox TO intake;
GRANT SELECT (id, urgent, batch, line) ON bus.inbox TO gate;
-- A department's own id of an event may be made of a person's number: who judges does not read it.
GRANT SELECT (id, feed, part, urgent, batch, line, taken_at, done_at, done_seal, failed), UPDATE (done_at, done_seal, failed)
    ON bus.inbox TO worker;
GRANT SELECT (id, feed, part, urgent, batch, line, taken_at, done_at, done_seal, failed) ON bus.inbox TO auditor;
GRANT SELECT, INSERT (topic, partition, position, digest, reason, detail), UPDATE (replayed_at) ON bus.dead_letter TO intake;
GRANT SELECT, UPDATE (sent_at) ON bus.dead_letter TO publisher;
GRANT SELECT ON bus.dead_letter TO auditor;
GRANT SELECT, INSERT (holder, until), UPDATE (until), DELETE ON bus.worker TO worker;
GRANT SELECT, INSERT (part, holder), DELETE ON bus.lease TO worker;
GRANT SELECT ON bus.worker, bus.lease TO auditor;

-- == gate: persons and approvals =======================================================================================
-- Who may act, and what the city lets itself do. A document and its hash never change once written; what moves is where it
-- stands. Every change is one event with the person's signature and its entry in the log.

CREATE SCHEMA gate;
GRANT USAGE ON SCHEMA gate TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor, worker;

CREATE TABLE gate.person (
    person text PRIMARY KEY CHECK (person ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),   -- the city's staff code, never a name
    public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),  -- Ed25519
    roles text[] NOT NULL CHECK (roles <> '{}' AND roles <@ ARRAY['admin', 'drafter', 'hearer', 'caseworker', 'analyst',
                                                                  'linkage', 'auditor']),
    added_at timestamptz NOT NULL DEFAULT platform.now(),
    added_by text REFERENCES gate.person,         -- null: the first on an empty register
    signature bytea CHECK (octet_length(signature) = 64),  -- of the admin who added it, over the registration
    revoked_at timestamptz,
    revoked_by text REFERENCES gate.person,
    written_by name NOT NULL DEFAULT current_user,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK ((added_by IS NULL) = (signature IS NULL))
);
CREATE UNIQUE INDEX person_first ON gate.person ((added_by IS NULL)) WHERE added_by IS NULL;

CREATE TABLE gate.approval (
    approval text NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),  -- SHA-256 over the document's RFC 8785 form
    document text NOT NULL,                       -- TOML, as read by the council
    state text NOT NULL DEFAULT 'drafted'
        CHECK (state IN ('drafted', 'submitted', 'heard', 'in_force', 'amended', 'revoked')),
    -- What the second opinion asks about, taken from the document when it was drafted.
    profile text NOT NULL,
    clause text NOT NULL,
    acts text[] NOT NULL,
    items text[] NOT NULL,
    classes text[] NOT NULL,
    rule_sets text[] NOT NULL,
    emergency boolean NOT NULL,                   -- for acts in an emergency, and for nothing else
    recurrence text NOT NULL CHECK (recurrence IN ('恒常', '臨時')),
    max_runs int CHECK (max_runs >= 1),
    period_from date NOT NULL,
    period_to date NOT NULL,
    -- The clauses' dates of force from the legal profile, and the council's part; both recorded at the hearing.
    clause_from date,
    clause_to date,                               -- null: still in force
    opinion text CHECK (opinion IN ('favourable', 'conditional', 'adverse')),
    opinion_on date,
    council jsonb,
    drafted_by text NOT NULL REFERENCES gate.person,
    submitted_by text REFERENCES gate.person,
    heard_by text REFERENCES gate.person,
    revoked_at timestamptz,
    -- FOR SHARE asks for the right to UPDATE some column: this one can hold nothing else.
    share_lock smallint NOT NULL DEFAULT 0 CHECK (share_lock = 0),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (approval, version),
    CHECK (period_from <= period_to),
    CHECK ((recurrence = '恒常') = (max_runs IS NULL)),
    CHECK (state IN ('drafted', 'revoked') OR submitted_by IS NOT NULL),
    CHECK (heard_by NOT IN (drafted_by, submitted_by)),
    CHECK (num_nulls(heard_by, opinion, opinion_on, council, clause_from) IN (0, 5)),
    CHECK (state NOT IN ('heard', 'in_force', 'amended') OR heard_by IS NOT NULL),
    CHECK (state <> 'in_force' OR opinion <> 'adverse'),
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE UNIQUE INDEX approval_in_force ON gate.approval (approval) WHERE state = 'in_force';

-- Which role of which office may do what with which items.
CREATE TABLE gate.approval_recipient (
    approval text NOT NULL,
    version int NOT NULL,
    office text NOT NULL,
    role text NOT NULL,
    act text NOT NULL,
    items text[] NOT NULL,
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (approval, version, office, role, act),
    FOREIGN KEY (approval, version) REFERENCES gate.approval (approval, version)
);

CREATE TABLE gate.approval_event (
    event bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    approval text NOT NULL,
    version int NOT NULL,
    what text NOT NULL CHECK (what IN ('draft', 'submit', 'hear', 'amend', 'narrow', 'revoke')),
    person text NOT NULL REFERENCES gate.person,
    statement bytea NOT NULL,                     -- RFC 8785 form of the change, which is what was signed
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    at timestamptz NOT NULL DEFAULT platform.now(),  -- no seal: a revocation waits for no run
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry,
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (approval, version) REFERENCES gate.approval (approval, version)
);

-- Who is revoked stays so, from the moment it was written.
CREATE FUNCTION gate.person_stays_revoked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'a person is revoked once';
    END IF;
    NEW.revoked_at := platform.now();
    RETURN NEW;
END $$;
CREATE TRIGGER person_stays_revoked BEFORE UPDATE ON gate.person
    FOR EACH ROW EXECUTE FUNCTION gate.person_stays_revoked();

-- An approval only goes forward, and its recipients are written with its draft.
CREATE FUNCTION gate.approval_goes_forward() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('drafted', 'submitted'), ('submitted', 'heard'), ('submitted', 'in_force'), ('in_force', 'amended'),
        ('drafted', 'revoked'), ('submitted', 'revoked'), ('heard', 'revoked'), ('in_force', 'revoked')) THEN
        RAISE EXCEPTION 'an approval does not go from % to %', OLD.state, NEW.state;
    END IF;
    IF OLD.state <> 'submitted' AND (OLD.opinion, OLD.opinion_on, OLD.council, OLD.clause_from, OLD.clause_to, OLD.heard_by)
        IS DISTINCT FROM (NEW.opinion, NEW.opinion_on, NEW.council, NEW.clause_from, NEW.clause_to, NEW.heard_by) THEN
        RAISE EXCEPTION 'the council''s part is recorded once, after the approval was submitted';
    END IF;
    IF OLD.state <> 'drafted' AND OLD.submitted_by IS DISTINCT FROM NEW.submitted_by THEN
        RAISE EXCEPTION 'an approval is submitted once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_goes_forward BEFORE UPDATE ON gate.approval
    FOR EACH ROW EXECUTE FUNCTION gate.approval_goes_forward();

CREATE FUNCTION gate.recipients_come_with_the_draft() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gate.approval a WHERE a.approval = NEW.approval AND a.version = NEW.version
                   AND a.state = 'drafted') THEN
        RAISE EXCEPTION 'recipients are written with the draft, never later';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recipients_come_with_the_draft BEFORE INSERT ON gate.approval_recipient
    FOR EACH ROW EXECUTE FUNCTION gate.recipients_come_with_the_draft();

GRANT SELECT ON gate.person, gate.approval, gate.approval_recipient, gate.approval_event
    TO intake, linkage, analyst, gate, publisher, casework, approvals, council, rights, auditor, worker;
GRANT UPDATE (share_lock) ON gate.approval TO gate;
GRANT INSERT (person, public_key, roles, added_by, signature), UPDATE (revoked_at, revoked_by) ON gate.person TO approvals;
GRANT INSERT (approval, version, hash, document, profile, clause, acts, items, classes, rule_sets, emergency, recurrence, max_runs,
              period_from, period_to, drafted_by),
      UPDATE (state, clause_from, clause_to, opinion, opinion_on, council, submitted_by, heard_by, revoked_at)
    ON gate.approval TO approvals;
GRANT INSERT (approval, version, office, role, act, items) ON gate.approval_recipient TO approvals;
-- `at` is the database's own, for whether a signer was still registered is asked by it
GRANT INSERT (approval, version, what, person, statement, signature, entry) ON gate.approval_event TO approvals;

-- == gate: decisions ===================================================================================================
-- The only writer of decisions is gate.decide. It is the second opinion: what the service's own function permitted is checked
-- again here against the approval as it stands, read FOR SHARE, so that a revocation waits or is seen. Both must permit.

CREATE TABLE gate.decision (
    decision uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    outcome text NOT NULL CHECK (outcome IN ('permit', 'refuse')),
    act text NOT NULL,
    role name NOT NULL DEFAULT session_user,
    approval text,
    version int,
    clause text,
    items text[] NOT NULL,
    recipient text,
    child_id uuid,
    judgement bigint,
    person_key bigint,                    -- whom it is about, where that is a number that no child has yet
    event bigint,                         -- of the inbox, that told of this number
    person text REFERENCES gate.person,   -- who acted, where a person did
    emergency boolean NOT NULL DEFAULT false,
    failed text[] NOT NULL,
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    decided_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    CHECK ((outcome = 'permit') = (failed = '{}')),
    CHECK (child_id IS NULL OR person_key IS NULL),  -- or one permit would serve for an alert and for a report
    FOREIGN KEY (approval, version) REFERENCES gate.approval (approval, version),
    UNIQUE (decision, outcome, act, xact),
    UNIQUE (decision, outcome, act, child_id, judgement, recipient, entry, xact),
    UNIQUE (decision, outcome, act, person_key, event, recipient, entry, xact)
);
CREATE INDEX decision_runs ON gate.decision (approval, version) WHERE act = 'judge' AND outcome = 'permit';
CREATE INDEX decision_emergency ON gate.decision (approval) WHERE emergency AND outcome = 'permit';
ALTER TABLE facts.batch ADD FOREIGN KEY (decision, outcome, act, xact) REFERENCES gate.decision (decision, outcome, act, xact);
ALTER TABLE linkage.run ADD FOREIGN KEY (decision, outcome, act, xact) REFERENCES gate.decision (decision, outcome, act, xact);

GRANT SELECT, INSERT ON gate.decision TO gate;
GRANT SELECT ON gate.decision TO analyst, publisher, casework, council, rights, auditor, approvals, worker;
-- Who has the names and numbers does not learn which children alerts and looks are about.
GRANT SELECT (decision, outcome, act, role, approval, version, emergency, entry, decided_at) ON gate.decision TO intake, linkage;

-- 利用停止 of one child's data, step by step, each signed; what they come to is services.gate.suspended's to say, here the last row
-- of a child counts. Written under the seals and a lock on every approval: runs and permits wait or were first.
CREATE TABLE gate.suspension (
    child_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'decided', 'lifted')),
    person text NOT NULL REFERENCES gate.person,
    seal bigint NOT NULL UNIQUE REFERENCES platform.seal,
    statement bytea NOT NULL,                     -- RFC 8785 form of what was signed
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry,
    at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (child_id, entry)
);
GRANT SELECT ON gate.suspension TO intake, linkage, analyst, gate, publisher, casework, approvals, council, rights, auditor, worker;
GRANT INSERT (child_id, state, person, seal, statement, signature, entry) ON gate.suspension TO approvals;
GRANT DELETE ON gate.suspension TO gate;        -- by an erasure alone

RESET ROLE;
GRANT CREATE ON SCHEMA gate TO gate;
SET ROLE gate;

-- Which login role may ask for which act, and as which acting role.
CREATE FUNCTION gate.may_ask(login name, acting text, act text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM (VALUES
            ('collect', 'intake', 'intake'), ('link', 'linkage', 'linkage'), ('judge', 'analyst', 'analyst'),
            ('simulate', 'analyst', 'analyst'),
            ('publish', 'publisher', 'publisher'), ('report', 'council', 'council'), ('export', 'council', 'council'),
            ('look', 'casework', 'caseworker'), ('look', 'analyst', 'analyst'), ('look', 'analyst', 'auditor'),
            ('look', 'linkage', 'linkage'), ('look', 'intake', 'intake'), ('erase', 'rights', 'rights'),
            ('unmask', 'casework', 'caseworker'), ('judge_event', 'worker', 'analyst'), ('publish_event', 'worker', 'publisher')
        ) AS allowed (for_act, for_login, for_acting)
        WHERE for_act = act AND for_login = login AND for_acting = acting)
$$;

-- Whether this person of the register, not revoked, holds a role that the act asks of people. Whether an admin signed the
-- registration is the first opinion's to say.
CREATE FUNCTION gate.may_act(person text, acting text, act text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM gate.person p LEFT JOIN (VALUES
            ('look', 'caseworker', ARRAY['caseworker']), ('look', 'analyst', ARRAY['analyst', 'auditor']),
            ('look', 'auditor', ARRAY['auditor']), ('look', 'linkage', ARRAY['linkage']), ('look', 'intake', ARRAY['auditor', 'admin']),
            ('collect', 'intake', ARRAY['caseworker', 'hearer', 'admin']), ('unmask', 'caseworker', ARRAY['caseworker', 'hearer', 'admin']),
            ('erase', 'rights', ARRAY['caseworker', 'hearer', 'admin'])
        ) AS asked (for_act, for_acting, of_roles) ON for_act = act AND for_acting = acting
        WHERE p.person = may_act.person AND p.revoked_at IS NULL AND (of_roles IS NULL OR p.roles && of_roles))
$$;

-- The conditions that the approval fails today for an act like this, whomever it is about; empty = none. Not the findings: those are
-- the first opinion's. The approval stays locked against changes to the end of the caller's transaction.
CREATE FUNCTION gate.second_opinion(request jsonb) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a gate.approval;
    today date := (platform.now() AT TIME ZONE 'Asia/Tokyo')::date;
    items text[] := ARRAY(SELECT jsonb_array_elements_text(request -> 'items'));
    classes text[];
    urgent boolean := coalesce((request ->> 'emergency')::boolean, false);
    failed text[] := '{}';
BEGIN
    IF NOT gate.may_ask(session_user, request ->> 'acting', request ->> 'act') THEN
        failed := failed || 'ROLE_NOT_ALLOWED'::text;
    END IF;
    IF (SELECT h.why FROM ledger.halt h ORDER BY h.n DESC LIMIT 1) IS NOT NULL THEN failed := failed || 'LOG_HALTED'::text; END IF;
    IF request ->> 'act' = 'judge' THEN  -- runs are counted: the next one waits until this one is, or is not
        PERFORM FROM gate.approval
            WHERE approval = request ->> 'approval' AND version = (request ->> 'version')::int FOR NO KEY UPDATE;
    END IF;
    SELECT * INTO a FROM gate.approval
        WHERE approval = request ->> 'approval' AND version = (request ->> 'version')::int FOR SHARE;
    IF a IS NULL THEN
        RETURN failed || 'NO_APPROVAL'::text;
    END IF;
    IF a.state <> 'in_force' OR a.revoked_at IS NOT NULL THEN failed := failed || 'APPROVAL_NOT_IN_FORCE'::text; END IF;
    IF today NOT BETWEEN a.period_from AND a.period_to THEN failed := failed || 'OUTSIDE_PERIOD'::text; END IF;
    IF request ->> 'act' <> ALL (a.acts) THEN failed := failed || 'ACT_NOT_COVERED'::text; END IF;
    IF items = '{}' OR NOT items <@ a.items THEN failed := failed || 'ITEMS_NOT_COVERED'::text; END IF;
    -- what the approval does not name at all was said just now: here only whether this recipient is among those it names
    IF request ->> 'act' = ANY (a.acts) AND EXISTS (
        SELECT unnest(items) INTERSECT SELECT unnest(a.items)
        EXCEPT SELECT unnest(r.items) FROM gate.approval_recipient r
               WHERE r.approval = a.approval AND r.version = a.version AND r.role = request ->> 'acting'
                 AND r.act = request ->> 'act' AND coalesce(request ->> 'recipient', r.office) = r.office) THEN
        failed := failed || 'RECIPIENT_NOT_COVERED'::text;
    END IF;
    classes := ARRAY(SELECT jsonb_array_elements_text(request -> 'classes'));
    IF classes = '{}' OR NOT classes <@ a.classes THEN
        failed := failed || 'CLASS_NOT_COVERED'::text;
    END IF;
    IF request ->> 'clause' IS DISTINCT FROM a.clause THEN failed := failed || 'CLAUSE_UNKNOWN'::text; END IF;
    IF a.clause_from IS NULL OR today < a.clause_from OR today > coalesce(a.clause_to, 'infinity') THEN
        failed := failed || 'CLAUSE_EXPIRED'::text;
    END IF;
    IF request ->> 'act' IN ('judge', 'judge_event', 'publish', 'publish_event') AND NOT coalesce(request ->> 'rules' = ANY (a.rule_sets), false) THEN
        failed := failed || 'RULE_SET_NOT_COVERED'::text;
    END IF;
    -- what the last run found may still be published and looked at
    IF a.max_runs < (request ->> 'act' IN ('collect', 'link', 'judge'))::int + (
        SELECT count(*) FROM gate.decision d
        WHERE d.act = 'judge' AND d.outcome = 'permit' AND d.approval = a.approval AND d.version = a.version) THEN
        failed := failed || 'RUNS_USED_UP'::text;
    END IF;
    -- a report that is owed may be made
    IF EXISTS (SELECT FROM gate.duty y WHERE y.approval = a.approval AND y.done_entry IS NULL AND y.due < today
               AND (y.code, request ->> 'act') <> ('REPORT_TO_COUNCIL', 'report')) THEN
        failed := failed || 'DUTY_OVERDUE'::text;
    END IF;
    IF urgent AND NOT a.emergency THEN failed := failed || 'EMERGENCY_NOT_COVERED'::text; END IF;
    IF a.emergency AND NOT urgent THEN failed := failed || 'EMERGENCY_ONLY'::text; END IF;
    IF urgent AND EXISTS (
        SELECT FROM gate.decision d WHERE d.approval = a.approval AND d.emergency AND d.outcome = 'permit'
        AND (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date + 3 < today
        AND NOT EXISTS (SELECT FROM gate.emergency_review r WHERE r.decision = d.decision)) THEN
        failed := failed || 'REVIEW_OVERDUE'::text;
    END IF;
    RETURN failed;
END $$;
REVOKE EXECUTE ON FUNCTION gate.second_opinion(jsonb) FROM PUBLIC;

-- The conditions that requests fail for the judgement, the child or the person they are about: request n of the array, from 1. To be
-- asked once second_opinion holds the approvals, so that a suspension or a revocation recorded before the permit is seen.
CREATE FUNCTION gate.second_opinion_on_whom(requests jsonb) RETURNS TABLE (n bigint, code text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT asked.n, condition.code
    FROM ROWS FROM (jsonb_to_recordset(requests) AS (
            act text, acting text, approval text, version int, rules text, child uuid, judgement bigint, person_key bigint, event bigint,
            person text, by_service boolean, emergency boolean, detail jsonb))
        WITH ORDINALITY AS asked (act, acting, approval, version, rules, child, judgement, person_key, event, person, by_service,
                                  emergency, detail, n)
    JOIN gate.approval USING (approval, version)
    LEFT JOIN LATERAL (
        SELECT s.state FROM gate.suspension s WHERE s.child_id = asked.child ORDER BY s.entry DESC LIMIT 1) AS suspension ON true
    CROSS JOIN LATERAL (VALUES
        -- a trial is never published, and what the guard held only once two persons released it
        ('RUN_NOT_OFFICIAL', asked.act = 'publish' AND asked.judgement IS NOT NULL AND NOT EXISTS (
            SELECT FROM judgement.judgement j JOIN judgement.run r USING (run)
            WHERE j.judgement = asked.judgement AND (r.status = 'official' OR r.status = 'held' AND 2 <= (
                SELECT count(*) FROM judgement.release l WHERE l.run = r.run)))),
        ('RULE_SET_OF_OTHER_RUN', asked.act = 'publish' AND asked.judgement IS NOT NULL AND EXISTS (
            SELECT FROM judgement.judgement j WHERE j.judgement = asked.judgement) AND NOT EXISTS (
            SELECT FROM judgement.judgement j JOIN judgement.run r USING (run)
            WHERE j.judgement = asked.judgement AND r.rules = asked.rules)),
        -- a 速報 is published where it was judged: in this very transaction, by the same rule set
        ('EVENT_NOT_JUDGED', asked.act = 'publish_event' AND asked.judgement IS NOT NULL AND NOT EXISTS (
            SELECT FROM judgement.provisional_line l JOIN judgement.provisional v USING (seal)
            WHERE l.judgement = asked.judgement AND v.rules = asked.rules AND v.xact = pg_current_xact_id())),
        -- of a number that no child has yet nothing is said but that it was reported
        ('EVENT_NOT_URGENT', asked.act = 'publish_event' AND asked.person_key IS NOT NULL AND NOT EXISTS (
            SELECT FROM bus.inbox i JOIN facts.soudan f USING (batch, line)
            WHERE i.id = asked.event AND i.urgent AND f.child_key = asked.person_key)),
        ('PERSON_SUSPENDED', suspension.state = 'decided'),
        ('PERSON_HELD', suspension.state = 'requested' AND asked.act IN ('publish', 'publish_event')),
        -- a service looks by itself at no child: at a run that it computes again
        ('PERSON_NOT_ALLOWED', CASE WHEN asked.person IS NOT NULL THEN NOT gate.may_act(asked.person, asked.acting, asked.act)
            ELSE asked.act IN ('look', 'unmask', 'erase') AND asked.emergency IS NOT TRUE
                 AND (asked.by_service AND asked.act = 'look' AND asked.acting = 'analyst' AND asked.child IS NULL) IS NOT TRUE END),
        ('EMERGENCY_NO_CHILD', asked.emergency AND asked.child IS NULL),
        ('EMERGENCY_NO_PERSON', asked.emergency AND asked.person IS NULL),
        ('EMERGENCY_NO_REASON', asked.emergency AND coalesce(asked.detail ->> 'emergency', '') !~ '[^[:space:]　]')
    ) AS condition (code, fails)
    WHERE condition.fails;
END $$;

-- What the entry of a request shows: what is no code, and no office of the approval named, is left out.
CREATE FUNCTION gate.shown(request jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '{"act": "unknown", "items": []}' || ledger.showable(jsonb_build_object(
        'kind', 'decision', 'act', request -> 'act', 'role', session_user, 'clause', request -> 'clause', 'items', request -> 'items',
        'rules', request -> 'rules', 'code', request -> 'code', 'root', request -> 'root',
        'emergency', nullif((request ->> 'emergency')::boolean, false),
        'approval', (SELECT encode(a.hash, 'hex') FROM gate.approval a
                     WHERE a.approval = request ->> 'approval' AND a.version = (request ->> 'version')::int),
        'recipient', (SELECT r.office FROM gate.approval_recipient r
                      WHERE r.approval = request ->> 'approval' AND r.version = (request ->> 'version')::int
                        AND r.office = request ->> 'recipient' LIMIT 1)))
$$;

-- What comes of requests by both opinions, and what their entries show: request n of the array, from 1. Acts that differ in whom they
-- are about alone share the opinion on their approval. An unregistered person is nobody.
CREATE FUNCTION gate.judged(requests jsonb)
RETURNS TABLE (n bigint, request jsonb, shown jsonb, approval text, version int, person text, failed text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    about_whom CONSTANT text[] := ARRAY['child', 'judgement', 'person_key', 'event', 'person', 'by_service', 'detail'];
    opinions jsonb;  -- what is asked, as text → the codes that the approval fails, and what the entry shows
BEGIN
    -- told apart by their text: 1 and 1.0 are equal, and what is looked up by another text would have no opinion at all
    opinions := (SELECT jsonb_object_agg(what, jsonb_build_object(
                     'failed', gate.second_opinion(what::jsonb), 'shown', gate.shown(what::jsonb))) FROM (
        SELECT DISTINCT (request - about_whom)::text FROM jsonb_array_elements(requests) AS request) AS kind (what));
    -- a statement of its own: it sees what was committed while the approvals were waited for
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT n, r, opinions -> (r - about_whom)::text AS told FROM jsonb_array_elements(requests) WITH ORDINALITY AS element (r, n)
    ), failing AS (
        SELECT n, code FROM asked, jsonb_array_elements_text(r -> 'failed') AS code
        UNION SELECT n, code FROM asked, jsonb_array_elements_text(coalesce(told -> 'failed', '["NO_APPROVAL"]')) AS code
        UNION SELECT o.n, o.code FROM gate.second_opinion_on_whom(requests) AS o
    )
    SELECT asked.n, r, told -> 'shown', a.approval, a.version, p.person, coalesce(codes, CASE
               WHEN r ->> 'outcome' = 'permit' THEN '{}' ELSE '{FIRST_OPINION}' END::text[])
    FROM asked
    LEFT JOIN (SELECT n, array_agg(code ORDER BY code) AS codes FROM failing GROUP BY n) AS failed_by USING (n)
    LEFT JOIN gate.approval a ON a.approval = r ->> 'approval' AND a.version = (r ->> 'version')::int
    LEFT JOIN gate.person p ON p.person = r ->> 'person';
END $$;

-- Decides, logs and opens what permits oblige to, in the caller's transaction, at most 500 at once, in order. A duty that is open
-- already stays as it is.
CREATE FUNCTION gate.decide(requests jsonb) RETURNS TABLE (decision uuid, entry bigint, outcome text, failed text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'what is decided is decided on what is committed now';
    END IF;
    IF (SELECT count(*) > 1 FROM jsonb_array_elements(requests) AS request WHERE request ->> 'act' = 'judge') THEN
        RAISE EXCEPTION 'runs are decided one by one';
    END IF;
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT j.*, gen_random_uuid() AS decision, CASE WHEN j.failed = '{}' THEN 'permit' ELSE 'refuse' END AS outcome
        FROM gate.judged(requests) j
    ), entries AS (
        SELECT given.index, given.n FROM ledger.append_all((
            SELECT jsonb_agg(jsonb_build_object(
                'clear', j.shown || jsonb_build_object('decision', j.outcome),
                'detail', coalesce(j.request -> 'detail', '{}') || jsonb_build_object(
                    'decision', j.decision, 'child', j.request -> 'child', 'judgement', j.request -> 'judgement', 'person', j.person,
                    'failed', j.failed) || jsonb_strip_nulls(jsonb_build_object(  -- as text: an entry holds no number as long as a key
                    'person_key', j.request ->> 'person_key', 'event', j.request ->> 'event'))) ORDER BY j.n)
            FROM judged j)) WITH ORDINALITY AS given (index, n)
    ), owed AS (
        INSERT INTO gate.duty (approval, version, code, quarter, responsible, decision, opened_on, due)
        SELECT DISTINCT ON (j.approval, j.version, duty.code)
               j.approval, j.version, duty.code, date_trunc('quarter', platform.today())::date, duty.responsible, j.decision,
               platform.today(), platform.today() + duty.days
        FROM judged j, jsonb_to_recordset(j.request #> '{detail,duties}') AS duty (code text, responsible text, days int)
        WHERE j.outcome = 'permit'
        ORDER BY j.approval, j.version, duty.code, j.n
        ON CONFLICT (approval, version, code, quarter) WHERE done_entry IS NULL DO NOTHING
    )
    INSERT INTO gate.decision AS d (decision, outcome, act, approval, version, clause, items, recipient, child_id, judgement,
                                    person_key, event, person, emergency, failed, entry)
    SELECT j.decision, j.outcome, shown ->> 'act', j.approval, j.version, shown ->> 'clause',
           ARRAY(SELECT jsonb_array_elements_text(shown -> 'items')), shown ->> 'recipient', (request ->> 'child')::uuid,
           (request ->> 'judgement')::bigint, (request ->> 'person_key')::bigint, (request ->> 'event')::bigint, j.person, coalesce((shown ->> 'emergency')::boolean, false), j.failed, entries.index
    FROM judged j JOIN entries USING (n)
    ORDER BY n
    RETURNING d.decision, d.entry, d.outcome, d.failed;
END $$;
REVOKE EXECUTE ON FUNCTION gate.decide(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.decide(jsonb) TO intake, linkage, analyst, publisher, casework, council, rights, auditor, worker;

RESET ROLE;
REVOKE CREATE ON SCHEMA gate FROM gate;
SET ROLE mimamori_owner;

-- == rules =============================================================================================================
-- Rule sets by the digest of their content, what was tried on the city's own data, and what two persons adopted. Whether a rule
-- set is known, simulated, adopted or replaced is what these rows come to (services/rulesets); none of them ever changes.

CREATE SCHEMA rules;
GRANT USAGE ON SCHEMA rules TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor, worker;

CREATE TABLE rules.rule_set (
    digest bytea PRIMARY KEY CHECK (digest = sha256(content)),
    version text NOT NULL,
    content bytea NOT NULL,           -- RFC 8785 form: what the digest is of
    text text,                        -- the file as it was handed in; NULL where a run brought the content alone
    kept_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user
);

-- One comparison of two rule sets on past official runs, under its permit to simulate.
CREATE TABLE rules.simulation (
    simulation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    before bytea NOT NULL REFERENCES rules.rule_set,
    after bytea NOT NULL REFERENCES rules.rule_set,
    runs text[] NOT NULL CHECK (runs <> '{}'),
    files bytea NOT NULL CHECK (octet_length(files) = 32),  -- SHA-256 of the page's SHA256SUMS
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS ('simulate') STORED,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    simulated_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (decision, outcome, act, xact) REFERENCES gate.decision (decision, outcome, act, xact)
);

-- One person's signature under the adoption of a rule set from a day on; it takes two persons.
CREATE TABLE rules.adoption (
    digest bytea NOT NULL REFERENCES rules.rule_set,
    effective_from date NOT NULL,
    person text NOT NULL REFERENCES gate.person,
    simulation bigint NOT NULL REFERENCES rules.simulation,
    statement bytea NOT NULL,         -- RFC 8785 form of what was signed
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry,
    at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (digest, effective_from, person)
);

GRANT SELECT ON rules.rule_set, rules.simulation, rules.adoption
    TO intake, linkage, analyst, gate, ledger, publisher, casework, approvals, council, rights, auditor, worker;
GRANT INSERT (digest, version, content, text) ON rules.rule_set TO analyst, approvals;
GRANT INSERT (before, after, runs, files, decision) ON rules.simulation TO analyst;
GRANT INSERT (digest, effective_from, person, simulation, statement, signature, entry) ON rules.adoption TO approvals;

-- == gate: duties and emergencies ======================================================================================
-- What a permit obliges to afterwards, and second persons' reviews of acts that could not wait. Only the gate's functions write
-- here, each row with its entry. They write the log first: who holds its head waits for no row.

-- One duty of one approval in one quarter is open once, from the first act that brings it. It is done by a person's signed word, or
-- by the report to the council of that quarter itself (done_by null).
CREATE TABLE gate.duty (
    duty bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    approval text NOT NULL,
    version int NOT NULL,
    code text NOT NULL CHECK (code ~ '^[A-Z_]+$'),
    quarter date NOT NULL,                        -- first day of the quarter of the act
    responsible text NOT NULL,                    -- an office, or a staff code
    decision uuid NOT NULL REFERENCES gate.decision,
    opened_on date NOT NULL,
    due date NOT NULL CHECK (due >= opened_on),   -- last day in time
    done_on date,
    done_by text REFERENCES gate.person,
    statement bytea,                              -- RFC 8785 form of what was signed
    signature bytea CHECK (octet_length(signature) = 64),
    done_at timestamptz,
    done_entry bigint REFERENCES ledger.entry,
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (approval, version) REFERENCES gate.approval (approval, version),
    CHECK (num_nulls(done_on, done_at, done_entry) IN (0, 3)),
    CHECK (num_nulls(done_by, statement, signature) IN (0, 3)),
    CHECK (done_by IS NULL OR done_entry IS NOT NULL)
);
CREATE UNIQUE INDEX duty_open ON gate.duty (approval, version, code, quarter) WHERE done_entry IS NULL;

-- A second person's finding on one act in an emergency. late: given after the third day.
CREATE TABLE gate.emergency_review (
    decision uuid PRIMARY KEY REFERENCES gate.decision,
    finding text NOT NULL CHECK (finding IN ('justified', 'unjustified')),
    late boolean NOT NULL,
    person text NOT NULL REFERENCES gate.person,
    statement bytea NOT NULL,                     -- RFC 8785 form of what was signed
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    at timestamptz NOT NULL DEFAULT platform.now(),
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry,
    written_by name NOT NULL DEFAULT current_user
);

GRANT SELECT ON gate.duty, gate.emergency_review TO intake, linkage, analyst, gate, publisher, casework, approvals, council, rights, auditor, worker;
GRANT INSERT (approval, version, code, quarter, responsible, decision, opened_on, due),
      UPDATE (done_on, done_at, done_by, statement, signature, done_entry) ON gate.duty TO gate;
GRANT INSERT (decision, finding, late, person, statement, signature, entry) ON gate.emergency_review TO gate;
GRANT SELECT ON ledger.detail TO gate;

RESET ROLE;
GRANT CREATE ON SCHEMA gate TO gate;
SET ROLE gate;

-- A person's signed word that a duty was done; returns its entry. what: in words, committed to.
CREATE FUNCTION gate.duty_done(duty bigint, person text, what text, statement bytea, signature bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open gate.duty;
    place bigint;
BEGIN
    SELECT * INTO open FROM gate.duty y WHERE y.duty = duty_done.duty AND y.done_entry IS NULL;
    IF open IS NULL THEN
        RAISE EXCEPTION 'no such duty is open';
    END IF;
    place := (SELECT * FROM ledger.append_all(jsonb_build_array(jsonb_build_object(
        'clear', jsonb_build_object('kind', 'duty.done', 'role', session_user, 'approval', (
            SELECT encode(a.hash, 'hex') FROM gate.approval a WHERE a.approval = open.approval AND a.version = open.version)),
        'detail', jsonb_build_object('duty', open.duty, 'code', open.code, 'person', person, 'what', what,
                                     'statement', encode(sha256(statement), 'hex'))))));
    UPDATE gate.duty y SET done_on = platform.today(), done_at = platform.now(), done_by = duty_done.person, done_entry = place,
                           statement = duty_done.statement, signature = duty_done.signature
        WHERE y.duty = open.duty AND y.done_entry IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such duty is open';
    END IF;
    RETURN place;
END $$;
REVOKE EXECUTE ON FUNCTION gate.duty_done(bigint, text, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.duty_done(bigint, text, text, bytea, bytea) TO approvals;

-- The report of a quarter to the council is what REPORT_TO_COUNCIL asks for the acts of that quarter. quarter: its first day.
CREATE FUNCTION gate.duty_reported(report uuid, quarter date) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE gate.duty y SET done_on = platform.today(), done_at = platform.now(), done_entry = d.entry
    FROM gate.decision d
    WHERE y.code = 'REPORT_TO_COUNCIL' AND y.quarter = duty_reported.quarter AND y.done_entry IS NULL
      AND d.decision = duty_reported.report AND d.act = 'report' AND d.outcome = 'permit' AND d.role = session_user
      AND d.xact = pg_current_xact_id()
$$;
REVOKE EXECUTE ON FUNCTION gate.duty_reported(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.duty_reported(uuid, date) TO council;

-- A second person's signed finding on a permit in an emergency; returns its entry. reason: in words, committed to.
CREATE FUNCTION gate.review(permit uuid, person text, finding text, reason text, statement bytea, signature bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d gate.decision;
    late boolean;
    place bigint;
BEGIN
    SELECT * INTO d FROM gate.decision WHERE decision = permit AND emergency AND outcome = 'permit';
    IF d IS NULL OR d.person IS NOT DISTINCT FROM review.person THEN
        RAISE EXCEPTION 'an act in an emergency is reviewed by somebody else than who acted';
    END IF;
    late := platform.today() > (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date + 3;
    place := (SELECT * FROM ledger.append_all(jsonb_build_array(jsonb_build_object(
        'clear', jsonb_build_object('kind', 'emergency.review', 'role', session_user, 'decision', finding, 'approval', (
            SELECT encode(a.hash, 'hex') FROM gate.approval a WHERE a.approval = d.approval AND a.version = d.version)),
        'detail', jsonb_build_object('decision', permit, 'person', person, 'finding', finding, 'reason', reason, 'late', late,
                                     'statement', encode(sha256(statement), 'hex'))))));
    INSERT INTO gate.emergency_review (decision, finding, late, person, statement, signature, entry)
        VALUES (permit, review.finding, late, review.person, review.statement, review.signature, place);
    RETURN place;
END $$;
REVOKE EXECUTE ON FUNCTION gate.review(uuid, text, text, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.review(uuid, text, text, text, bytea, bytea) TO approvals;

-- Why somebody acted in an emergency and on whom, for the second person to review it: {reason, child}. The reading is logged.
CREATE FUNCTION gate.emergency_reason(permit uuid, person text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d gate.decision;
    told jsonb;
BEGIN
    SELECT * INTO d FROM gate.decision WHERE decision = permit AND emergency AND outcome = 'permit';
    IF d IS NULL OR d.person IS NOT DISTINCT FROM emergency_reason.person THEN
        RAISE EXCEPTION 'an act in an emergency is reviewed by somebody else than who acted';
    END IF;
    PERFORM ledger.append_all(jsonb_build_array(jsonb_build_object(
        'clear', jsonb_build_object('kind', 'emergency.read', 'role', session_user),
        'detail', jsonb_build_object('decision', permit, 'person', person))));
    SELECT convert_from(detail, 'UTF8')::jsonb INTO told FROM ledger.detail WHERE index = d.entry;
    RETURN jsonb_build_object('reason', told -> 'emergency', 'child', d.child_id);
END $$;
REVOKE EXECUTE ON FUNCTION gate.emergency_reason(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.emergency_reason(uuid, text) TO approvals;

-- Whether a permit in an emergency opens nothing any more: nobody reviewed it in time, or it was found unjustified.
CREATE FUNCTION gate.emergency_closed(permit uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM gate.decision d LEFT JOIN gate.emergency_review r USING (decision)
        WHERE d.decision = permit AND d.emergency
          AND coalesce(r.finding = 'unjustified', platform.today() > (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date + 3))
$$;

RESET ROLE;
REVOKE CREATE ON SCHEMA gate FROM gate;
SET ROLE mimamori_owner;

-- == judgement =========================================================================================================
-- A run is written once and never changed. Official: the adopted rule set and not held by the guard, or released by two persons.

CREATE SCHEMA judgement;
GRANT USAGE ON SCHEMA judgement TO analyst, publisher, casework, council, auditor, rights, gate, worker;

CREATE TABLE judgement.run (
    run text PRIMARY KEY,
    as_of date NOT NULL,
    known_at timestamptz NOT NULL,
    seal bigint NOT NULL UNIQUE REFERENCES platform.seal,
    rules text NOT NULL,
    status text NOT NULL CHECK (status IN ('official', 'held', 'trial')),
    manifest bytea NOT NULL,          -- canonical JSON naming by digest everything the run depended on
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    children bigint NOT NULL,
    categories jsonb NOT NULL,
    summary jsonb NOT NULL,           -- guard, calibration, warnings, missing feeds
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS (CASE status WHEN 'trial' THEN 'simulate' ELSE 'judge' END) STORED,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    judged_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    UNIQUE (run, seal),
    FOREIGN KEY (decision, outcome, act, xact) REFERENCES gate.decision (decision, outcome, act, xact)
);

CREATE TABLE judgement.release (
    run text NOT NULL REFERENCES judgement.run,
    person text NOT NULL REFERENCES gate.person,
    seal bigint NOT NULL REFERENCES platform.seal,
    statement bytea NOT NULL,         -- RFC 8785 form of what was signed
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    entry bigint NOT NULL REFERENCES ledger.entry,
    released_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (run, person)
);

-- What runs said of children, each once, however many runs say it: the line that a run's root is over is of just this content,
-- so the hash of the line is its name. Never changed afterwards.
CREATE TABLE judgement.said (
    judgement bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id uuid NOT NULL,
    economic text NOT NULL,
    nurturing text NOT NULL,
    poverty text NOT NULL,
    t int,                            -- tenths, as d1, d2 and the scales
    d1 int,
    d2 int,
    change text,
    learning text NOT NULL,
    scales jsonb NOT NULL,
    absence int,                      -- days
    noncognitive text NOT NULL,
    w text NOT NULL,
    raw_category text NOT NULL,
    category text NOT NULL,
    data_check boolean NOT NULL,
    reasons jsonb NOT NULL,           -- [{code, day, tenths, count, text, sources: [[batch, line]]}]
    leaf_hash bytea NOT NULL UNIQUE CHECK (octet_length(leaf_hash) = 32),  -- of the line
    written_by name NOT NULL DEFAULT current_user,
    UNIQUE (judgement, child_id, category, data_check)
);
CREATE INDEX said_child ON judgement.said (child_id);

-- A run's lines, one a child, in the order of its root's leaves. Written with the run's row, which says by whom: a name here would be
-- half of all that is stored.
CREATE TABLE judgement.line (
    seal bigint NOT NULL REFERENCES judgement.run (seal),
    position integer NOT NULL CHECK (position >= 0),
    judgement bigint NOT NULL REFERENCES judgement.said,
    PRIMARY KEY (seal, position),
    UNIQUE (judgement, seal)
);

-- What each run says of each child: a run's full list.
CREATE VIEW judgement.judgement AS
    SELECT s.judgement, r.run, s.child_id, s.economic, s.nurturing, s.poverty, s.t, s.d1, s.d2, s.change, s.learning, s.scales,
           s.absence, s.noncognitive, s.w, s.raw_category, s.category, s.data_check, s.reasons, l.position, s.leaf_hash
    FROM judgement.run r JOIN judgement.line l USING (seal) JOIN judgement.said s USING (judgement);

-- What a run says that the official run before it did not, in counts alone (services/judgement/changes.py).
CREATE TABLE judgement.change (
    run text PRIMARY KEY REFERENCES judgement.run,
    previous text REFERENCES judgement.run,
    counts jsonb NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

-- What an alert may say of a judgement.
CREATE VIEW judgement.published AS
    SELECT judgement, category, data_check, ARRAY(
        SELECT DISTINCT reason ->> 'code' COLLATE "C" FROM jsonb_array_elements(reasons) AS reason ORDER BY 1) AS codes
    FROM judgement.said;

-- 速報: what an event made of the children whom it touched, on the ground of the last official run. It enters no chain.
CREATE TABLE judgement.provisional (
    seal bigint PRIMARY KEY REFERENCES platform.seal,
    as_of date NOT NULL,
    run text NOT NULL REFERENCES judgement.run,  -- whose norm set it stands on
    rules text NOT NULL,
    read_seal bigint NOT NULL REFERENCES platform.seal CHECK (read_seal < seal),  -- all that was sealed up to here was seen
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS ('judge_event') STORED,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    judged_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (decision, outcome, act, xact) REFERENCES gate.decision (decision, outcome, act, xact)
);

CREATE TABLE judgement.provisional_line (
    seal bigint NOT NULL REFERENCES judgement.provisional,
    judgement bigint NOT NULL REFERENCES judgement.said,
    PRIMARY KEY (seal, judgement)
);
CREATE INDEX provisional_line_judgement ON judgement.provisional_line (judgement);

-- Norm sets by digest: exact whole-number sums, so that a later run can be computed again.
CREATE TABLE judgement.norm_set (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    norms bytea NOT NULL,
    written_by name NOT NULL DEFAULT current_user
);

GRANT SELECT ON judgement.run TO analyst;
GRANT INSERT (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)
    ON judgement.run TO analyst;
GRANT SELECT, INSERT ON judgement.line, judgement.said, judgement.norm_set TO analyst;
GRANT SELECT ON judgement.run, judgement.release, judgement.norm_set, judgement.judgement, judgement.published TO worker;
GRANT SELECT, INSERT ON judgement.said, judgement.provisional_line TO worker;
GRANT SELECT, INSERT (seal, as_of, run, rules, read_seal, decision) ON judgement.provisional TO worker;
GRANT SELECT, INSERT (run, person, seal, statement, signature, entry) ON judgement.release TO analyst;
GRANT SELECT ON judgement.published TO publisher, auditor;
GRANT SELECT ON judgement.judgement, judgement.provisional, judgement.provisional_line TO analyst;
GRANT SELECT ON judgement.provisional TO publisher, casework, council, auditor, gate;
GRANT SELECT ON judgement.said TO casework;     -- what an alert says, be it a run's or a 速報
GRANT SELECT, INSERT ON judgement.change TO analyst;
GRANT SELECT ON judgement.change TO council, auditor;
GRANT SELECT ON judgement.run, judgement.release, judgement.judgement TO publisher, casework;
GRANT SELECT ON judgement.run, judgement.release TO council, auditor;
GRANT SELECT ON judgement.judgement TO rights, gate;
GRANT SELECT ON judgement.run, judgement.release TO gate;

-- == publication =======================================================================================================
-- Nothing is published without a permit: the foreign key covers decision, outcome, act, child, judgement, recipient, entry
-- and transaction, so only a permit to publish this judgement, given in this very transaction, fits, and it fits once. What a run
-- says and a 速報 are acts of their own: a permit for the one publishes nothing of the other.

CREATE SCHEMA publication;
GRANT USAGE ON SCHEMA publication TO analyst, publisher, casework, council, auditor, rights, gate, worker;

CREATE TABLE publication.alert (
    alert text PRIMARY KEY,           -- random handle: the only thing that leaves the service
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS (CASE WHEN provisional IS NULL THEN 'publish' ELSE 'publish_event' END) STORED,
    child_id uuid NOT NULL,
    judgement bigint NOT NULL,
    recipient text NOT NULL,
    entry bigint NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    run text,
    seal bigint,                      -- the run's
    provisional bigint,               -- of a 速報, its seal: then no run says it yet
    category text NOT NULL,
    data_check boolean NOT NULL,
    codes text[] NOT NULL,            -- the set of reason codes, sorted
    as_of date NOT NULL,
    published_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (decision, outcome, act, child_id, judgement, recipient, entry, xact)
        REFERENCES gate.decision (decision, outcome, act, child_id, judgement, recipient, entry, xact),
    -- and it says what that run, or that 速報, says of that child
    CHECK (num_nulls(run, seal) IN (0, 2) AND num_nulls(seal, provisional) = 1),
    FOREIGN KEY (run, seal) REFERENCES judgement.run (run, seal),
    FOREIGN KEY (seal, judgement) REFERENCES judgement.line (seal, judgement),
    FOREIGN KEY (provisional, judgement) REFERENCES judgement.provisional_line (seal, judgement),
    FOREIGN KEY (judgement, child_id, category, data_check) REFERENCES judgement.said (judgement, child_id, category, data_check)
);
CREATE INDEX alert_child ON publication.alert (child_id);

-- A judgement may be said by several runs and 速報: the one that an alert names has to count itself, not only another that says the
-- same; a 速報 in the transaction in which it was judged.
CREATE FUNCTION publication.only_of_official_runs() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM judgement.run r WHERE r.run = NEW.run
          AND (r.status = 'official' OR r.status = 'held' AND 2 <= (SELECT count(*) FROM judgement.release l WHERE l.run = r.run)))
       AND NOT EXISTS (SELECT FROM judgement.provisional v WHERE v.seal = NEW.provisional AND v.xact = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'only what an official run says is published' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_of_official_runs BEFORE INSERT ON publication.alert
    FOR EACH ROW EXECUTE FUNCTION publication.only_of_official_runs();

-- What a later official run said of the child of a 速報: the same signal, or another, or nothing.
CREATE TABLE publication.confirmation (
    alert text NOT NULL REFERENCES publication.alert,
    run text NOT NULL REFERENCES judgement.run,
    confirmed boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (alert, run)
);

-- An urgent event that names a number which no child has yet, or a child who is not judged, being no resident (未連結の通告). Like an
-- alert, under a permit of its own that fits once; no judgement stands behind it.
CREATE TABLE publication.unlinked_report (
    report text PRIMARY KEY,          -- random handle
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS ('publish_event') STORED,
    person_key bigint NOT NULL,
    event bigint NOT NULL UNIQUE REFERENCES bus.inbox,
    recipient text NOT NULL,
    entry bigint NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    received date,                    -- by the department; null: unknown
    published_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (decision, outcome, act, person_key, event, recipient, entry, xact)
        REFERENCES gate.decision (decision, outcome, act, person_key, event, recipient, entry, xact)
);
CREATE INDEX unlinked_report_person ON publication.unlinked_report (person_key);

-- handed_on_at: when the queue had it; sent_at: when a broker had it, where there is one.
CREATE TABLE publication.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert text UNIQUE REFERENCES publication.alert,
    report text UNIQUE REFERENCES publication.unlinked_report,
    event jsonb NOT NULL,             -- a CloudEvent: handle, decision, entry, expiry
    handed_on_at timestamptz,
    sent_at timestamptz,
    written_by name NOT NULL DEFAULT current_user,
    CHECK (num_nulls(alert, report) = 1)
);
CREATE INDEX outbox_waiting ON publication.outbox (id) WHERE handed_on_at IS NULL;
CREATE INDEX outbox_unsent ON publication.outbox (id) WHERE sent_at IS NULL;

GRANT SELECT ON publication.alert, publication.outbox, publication.confirmation, publication.unlinked_report TO publisher, auditor;
GRANT INSERT (alert, decision, child_id, judgement, recipient, entry, run, seal, category, data_check, codes, as_of) ON publication.alert TO publisher;
GRANT INSERT (alert, event), UPDATE (handed_on_at, sent_at) ON publication.outbox TO publisher;
GRANT INSERT (alert, run, confirmed) ON publication.confirmation TO publisher;
-- the role whose events make 速報 writes no run's alert: it may not say which run an alert is of
GRANT SELECT, INSERT (alert, decision, child_id, judgement, recipient, entry, provisional, category, data_check, codes, as_of)
    ON publication.alert TO worker;
GRANT SELECT, INSERT (report, decision, person_key, event, recipient, entry, received) ON publication.unlinked_report TO worker;
GRANT INSERT (alert, report, event, handed_on_at) ON publication.outbox TO worker;
GRANT SELECT ON publication.alert, publication.unlinked_report TO casework, council, rights, gate;
GRANT SELECT ON publication.confirmation TO casework, council;
-- what people found of past candidates is what a rule set is measured against
GRANT SELECT (alert, child_id) ON publication.alert TO analyst;

-- == casework ==========================================================================================================
-- The relay writes the inbox, the queue takes it up; both once. What people did is appended, the state is the last of it.

CREATE SCHEMA casework;
GRANT USAGE ON SCHEMA casework TO analyst, casework, publisher, council, auditor, rights, worker;

CREATE TABLE casework.inbox (
    event_id text PRIMARY KEY,
    event jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE casework.item (
    alert text PRIMARY KEY REFERENCES publication.alert,
    event_id text NOT NULL UNIQUE REFERENCES casework.inbox,
    taken_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user
);

CREATE TABLE casework.action (
    action bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert text REFERENCES casework.item,
    report text REFERENCES publication.unlinked_report,
    verb text NOT NULL CHECK (verb IN ('confirm', 'watch', 'dismiss')),
    reason text NOT NULL,
    person text NOT NULL REFERENCES gate.person,
    seal bigint NOT NULL REFERENCES platform.seal,
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry,
    acted_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user,
    CHECK (num_nulls(alert, report) = 1)
);
CREATE INDEX action_alert ON casework.action (alert, action);
CREATE INDEX action_report ON casework.action (report);

-- One-time links to the page and the sessions they open; only hashes are kept.
CREATE TABLE casework.ticket (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    person text NOT NULL REFERENCES gate.person,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    session_hash bytea UNIQUE,
    session_expires_at timestamptz,
    written_by name NOT NULL DEFAULT current_user
);

GRANT SELECT, INSERT ON casework.inbox TO publisher;
GRANT INSERT (event_id, event) ON casework.inbox TO worker;
GRANT SELECT ON casework.inbox TO casework;
GRANT SELECT, INSERT ON casework.item, casework.action TO casework;
GRANT SELECT, INSERT, UPDATE ON casework.ticket TO casework;
GRANT SELECT ON casework.item, casework.action TO publisher, council, auditor;
GRANT SELECT (action, alert, verb, acted_at) ON casework.action TO analyst, worker;

-- == gate: names =======================================================================================================
-- Names are read through one function that takes the id of a permit to look, committed before, by the role that asked for it,
-- once. 支援措置 is looked up here, at this moment: where it is in force for the child or anybody of its household, what
-- leads to where they are (住所, 学校, 保護者) is masked, whatever was known when the child was judged. Where the feed was never
-- loaded nobody knows who is protected: everybody is masked. Two persons may let an office of the record see it for an hour.

CREATE TABLE gate.revealed (
    decision uuid PRIMARY KEY REFERENCES gate.decision,
    revealed_at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user
);
GRANT SELECT, INSERT ON gate.revealed TO gate;
GRANT SELECT ON gate.revealed TO auditor;

-- One person's signed word that one office may see where a protected child is. It takes two for a permit to unmask.
CREATE TABLE gate.unmasking (
    child_id uuid NOT NULL,
    office text NOT NULL,
    person text NOT NULL REFERENCES gate.person,
    statement bytea NOT NULL,                     -- RFC 8785 form of what was signed, the reason in it
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    entry bigint PRIMARY KEY REFERENCES ledger.entry,
    at timestamptz NOT NULL DEFAULT platform.now(),
    written_by name NOT NULL DEFAULT current_user
);
GRANT SELECT ON gate.unmasking TO casework, gate, auditor;
GRANT INSERT (child_id, office, person, statement, signature, entry) ON gate.unmasking TO casework;
GRANT DELETE ON gate.unmasking TO gate;         -- by an erasure alone
CREATE INDEX unmasking_child ON gate.unmasking (child_id);
CREATE INDEX decision_unmask ON gate.decision (child_id) WHERE act = 'unmask' AND outcome = 'permit';

RESET ROLE;
GRANT CREATE ON SCHEMA gate TO gate;
SET ROLE gate;

-- The resident's entry in force today, of the newest versions: one row a person.
CREATE FUNCTION gate.resident_today(persons bigint[])
RETURNS TABLE (person_key bigint, setai_key bigint, birth date, birth_raw text, sex text, batch bigint, line integer)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT ON (v.person_key) v.person_key, v.setai_key, v.birth, v.birth_raw, v.sex, v.batch, v.line
    FROM (SELECT DISTINCT ON (f.record_key) f.*
          FROM facts.resident f JOIN facts.batch b USING (batch) WHERE f.person_key = ANY (persons)
          ORDER BY f.record_key, CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END DESC, b.seal DESC,
                   position(f.op::text IN 'IUD') DESC, f.source_batch_id DESC NULLS LAST, f.event_time DESC, f.content_hash DESC) AS v
    WHERE v.op <> 'D' AND v.effective_from <= platform.today()
    ORDER BY v.person_key, v.effective_from DESC, v.rireki_no DESC
$$;

-- The town (大字・町: the first four digits of the 町字ID) of residents' entries, for counts by area: nothing finer, and nothing of a
-- household in which anybody ever applied for 支援措置 or stood beside one.
CREATE FUNCTION gate.towns() RETURNS TABLE (batch bigint, line integer, town text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH protected AS (
        SELECT s.person_key FROM facts.shien_sochi s UNION SELECT unnest(s.co_applicant_keys) FROM facts.shien_sochi s)
    SELECT f.batch, f.line, left(n.machiaza_id, 4) FROM facts.resident f JOIN identity.resident_name n USING (batch, line)
    WHERE n.machiaza_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM facts.resident beside JOIN protected ON protected.person_key = beside.person_key
        WHERE beside.setai_key = f.setai_key)
$$;
REVOKE EXECUTE ON FUNCTION gate.towns() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.towns() TO analyst;

-- Whether a measure is in force today for one of these persons, as applicant or beside one.
CREATE FUNCTION gate.protected_today(persons bigint[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM (SELECT DISTINCT ON (f.record_key) f.*
                     FROM facts.shien_sochi f JOIN facts.batch b USING (batch)
                     WHERE f.person_key = ANY (persons) OR f.co_applicant_keys && persons
                     ORDER BY f.record_key, CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END DESC, b.seal DESC,
                              position(f.op::text IN 'IUD') DESC, f.event_time DESC, f.content_hash DESC) AS v
        WHERE v.op <> 'D' AND coalesce(v.start_date, '-infinity') <= platform.today()
          -- an imprecise end may be any of its days: the measure holds to the last of them
          AND platform.today() <= CASE
              WHEN v.end_date IS NULL OR v.end_date_precision = 'unknown' THEN 'infinity'
              WHEN v.end_date_precision = 'month' THEN (date_trunc('month', v.end_date) + interval '1 month - 1 day')::date
              WHEN v.end_date_precision = 'year' THEN make_date(extract(year FROM v.end_date)::int, 12, 31)
              ELSE v.end_date END)
$$;

-- Words of the last day about this child and office, of persons still registered, before that place in the log; those that an
-- earlier permit rested on are used up.
CREATE FUNCTION gate.unmasking_words(child uuid, office text, place bigint) RETURNS SETOF gate.unmasking
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT w.* FROM gate.unmasking w JOIN gate.person p USING (person)
    WHERE w.child_id = child AND w.office = unmasking_words.office AND w.entry < place AND p.revoked_at IS NULL
      AND w.at > platform.now() - interval '1 day'
      AND w.entry > coalesce((SELECT max(d.entry) FROM gate.decision d
                              WHERE d.act = 'unmask' AND d.outcome = 'permit' AND d.child_id = child
                                AND d.recipient = unmasking_words.office AND d.entry < place), -1)
$$;
REVOKE EXECUTE ON FUNCTION gate.unmasking_words(uuid, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.unmasking_words(uuid, text, bigint) TO casework;

-- Whether this person may see these items of a protected child: one of two whose words stand behind a permit to unmask that was
-- given within the hour, committed, under an approval that is still in force.
CREATE FUNCTION gate.unmasked_now(child uuid, looking text, items text[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM gate.decision u JOIN gate.approval a USING (approval, version)
        CROSS JOIN LATERAL (SELECT array_agg(DISTINCT w.person) AS persons
                            FROM gate.unmasking_words(child, u.recipient, u.entry) w) AS agreed
        WHERE u.act = 'unmask' AND u.outcome = 'permit' AND u.child_id = child AND unmasked_now.items <@ u.items
          AND u.decided_at <= platform.now() AND u.decided_at > platform.now() - interval '1 hour'
          AND u.xact <> pg_current_xact_id() AND a.state = 'in_force' AND a.revoked_at IS NULL
          AND cardinality(agreed.persons) >= 2 AND looking = ANY (agreed.persons))
$$;

CREATE FUNCTION gate.reveal(permit uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d gate.decision;
    keys bigint[];
    entry record;
    names record;
    school record;
    whereabouts text[];   -- those of the items asked for that lead to where the person is
    protection text;
    masked boolean;
    guardian text;
BEGIN
    SELECT * INTO d FROM gate.decision WHERE decision = permit;
    IF d IS NULL OR d.outcome <> 'permit' OR d.act <> 'look' OR num_nulls(d.child_id, d.person_key) <> 1 OR d.role <> session_user THEN
        RAISE EXCEPTION 'no permit to look at a person';
    END IF;
    IF d.xact = pg_current_xact_id() THEN
        RAISE EXCEPTION 'the decision has to be committed before a name is read';
    END IF;
    IF gate.emergency_closed(permit) THEN
        RAISE EXCEPTION 'the permit in an emergency is closed';
    END IF;
    INSERT INTO gate.revealed (decision) VALUES (permit);  -- a second time fails here
    keys := ARRAY(SELECT person_key FROM linkage.link WHERE child_id = d.child_id UNION SELECT d.person_key WHERE d.person_key IS NOT NULL);
    SELECT * INTO entry FROM gate.resident_today(keys) ORDER BY batch DESC LIMIT 1;
    SELECT * INTO names FROM identity.resident_name n WHERE n.batch = entry.batch AND n.line = entry.line;
    protection := CASE
        WHEN NOT EXISTS (SELECT FROM facts.batch b WHERE b.feed = 'shien_sochi') THEN 'not_loaded'
        WHEN gate.protected_today(keys || ARRAY(SELECT DISTINCT f.person_key FROM facts.resident f
                                                WHERE f.setai_key = entry.setai_key AND f.person_key IS NOT NULL)) THEN 'in_force'
        ELSE 'none' END;
    whereabouts := ARRAY(SELECT unnest(d.items) INTERSECT SELECT unnest(ARRAY['person.address', 'person.school', 'person.guardian']));
    masked := protection <> 'none' AND NOT gate.unmasked_now(d.child_id, d.person, whereabouts);
    SELECT v.school_code, v.grade, v.guardian_key INTO school
        FROM (SELECT DISTINCT ON (f.record_key) f.* FROM facts.gakureibo f JOIN facts.batch b USING (batch)
              WHERE f.person_key = ANY (keys)
              ORDER BY f.record_key, CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END DESC, b.seal DESC,
                       position(f.op::text IN 'IUD') DESC, f.event_time DESC, f.content_hash DESC) AS v
        WHERE v.op <> 'D' AND v.effective_from <= platform.today()
          AND platform.today() <= coalesce(v.effective_to, 'infinity')
        ORDER BY v.effective_from DESC LIMIT 1;
    SELECT n.name_kanji INTO guardian FROM gate.resident_today(ARRAY[school.guardian_key]) g
        JOIN identity.resident_name n ON n.batch = g.batch AND n.line = g.line;
    RETURN jsonb_build_object('masked', masked, 'protection', protection)
        || CASE WHEN 'person.name' = ANY (d.items) THEN jsonb_build_object('name', names.name_kanji, 'common_name', names.common_name) ELSE '{}' END
        || CASE WHEN 'person.number' = ANY (d.items) THEN jsonb_build_object('number', (
                SELECT p.number FROM identity.person p WHERE p.person_key = d.person_key)) ELSE '{}' END
        || CASE WHEN 'person.kana' = ANY (d.items) THEN jsonb_build_object('kana', names.name_kana) ELSE '{}' END
        || CASE WHEN 'person.birth' = ANY (d.items) THEN jsonb_build_object('birth', coalesce(entry.birth_raw, entry.birth::text)) ELSE '{}' END
        || CASE WHEN 'person.sex' = ANY (d.items) THEN jsonb_build_object('sex', entry.sex) ELSE '{}' END
        || CASE WHEN 'person.grade' = ANY (d.items) THEN jsonb_build_object('grade', school.grade) ELSE '{}' END
        || CASE WHEN 'person.address' = ANY (d.items) AND NOT masked THEN jsonb_build_object('address', names.addr_joined) ELSE '{}' END
        || CASE WHEN 'person.school' = ANY (d.items) AND NOT masked THEN jsonb_build_object('school', school.school_code) ELSE '{}' END
        || CASE WHEN 'person.guardian' = ANY (d.items) AND NOT masked THEN jsonb_build_object('guardian', guardian) ELSE '{}' END;
END $$;
REVOKE EXECUTE ON FUNCTION gate.reveal(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.reveal(uuid) TO casework;

-- Reports about a number that are the caseworkers' still: no child has it, or none that was judged since, by a 速報 or a run that
-- counts. What is decided about a child's data closes them as well.
CREATE FUNCTION gate.unlinked_reports() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.report FROM publication.unlinked_report u JOIN bus.inbox i ON i.id = u.event JOIN facts.batch told USING (batch)
    WHERE NOT EXISTS (
        SELECT FROM (SELECT DISTINCT ON (l.basis) l.child_id, l.op, l.seal FROM linkage.link l WHERE l.person_key = u.person_key
                     ORDER BY l.basis, l.known_at DESC, l.seal DESC, l.op DESC) AS linked
        WHERE linked.op = 'I' AND ('decided' = (
                  SELECT s.state FROM gate.suspension s WHERE s.child_id = linked.child_id ORDER BY s.entry DESC LIMIT 1)
              OR EXISTS (SELECT FROM judgement.said s JOIN judgement.line l USING (judgement) JOIN judgement.run r USING (seal)
                         WHERE s.child_id = linked.child_id AND l.seal > greatest(linked.seal, told.seal)
                           AND (r.status = 'official' OR r.status = 'held' AND 2 <= (
                               SELECT count(*) FROM judgement.release e WHERE e.run = r.run)))
              OR EXISTS (SELECT FROM judgement.said s JOIN judgement.provisional_line l USING (judgement)
                         WHERE s.child_id = linked.child_id AND l.seal > greatest(linked.seal, told.seal))))
$$;
REVOKE EXECUTE ON FUNCTION gate.unlinked_reports() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.unlinked_reports() TO casework;

-- The order of some records' source_record_id among one another: what facts.record_order says of all, for the few of one household.
CREATE FUNCTION gate.record_order(of_feed text, keys bigint[]) RETURNS TABLE (record_key bigint, rank bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.record_key, rank() OVER (ORDER BY r.source_record_id COLLATE "C")
    FROM identity.record r WHERE r.feed = of_feed AND r.record_key = ANY (keys)
$$;
REVOKE EXECUTE ON FUNCTION gate.record_order(text, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate.record_order(text, bigint[]) TO analyst, worker;

RESET ROLE;
REVOKE CREATE ON SCHEMA gate FROM gate;
SET ROLE mimamori_owner;

-- == rights ============================================================================================================
-- Erasing one person (infra/decisions/0007-erasure.md). Nothing is erased but by rights.erase, under a permit to erase given in
-- this very transaction and asked for by two persons. What stays says that somebody was erased, and never who.

CREATE SCHEMA rights;
GRANT USAGE ON SCHEMA rights TO rights, gate, intake, analyst, council, auditor;

-- Who asked that a person be erased, signed; it takes two. subject: SHA-256 of the child_id, or the keyed hash of the number.
CREATE TABLE rights.request (
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    reason text NOT NULL,
    person text NOT NULL REFERENCES gate.person,
    statement bytea NOT NULL,                     -- RFC 8785 form of what was signed
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    entry bigint PRIMARY KEY REFERENCES ledger.entry,  -- not the person: a word that somebody forged stands in nobody's way
    at timestamptz NOT NULL DEFAULT platform.now(),  -- the database's own: whether the asker was still registered is asked by it
    written_by name NOT NULL DEFAULT current_user
);

-- One erasure: its permit, and the entry `erased` that stands for it.
CREATE TABLE rights.erasure (
    entry bigint PRIMARY KEY REFERENCES ledger.entry,
    decision uuid NOT NULL UNIQUE,
    outcome text NOT NULL GENERATED ALWAYS AS ('permit') STORED,
    act text NOT NULL GENERATED ALWAYS AS ('erase') STORED,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    written_by name NOT NULL DEFAULT current_user,
    FOREIGN KEY (decision, outcome, act, xact) REFERENCES gate.decision (decision, outcome, act, xact)
);

-- Entries whose detail and salt were erased, and by which erasure.
CREATE TABLE rights.erased (
    index bigint PRIMARY KEY REFERENCES ledger.entry,
    entry bigint NOT NULL REFERENCES rights.erasure,
    written_by name NOT NULL DEFAULT current_user
);

-- By what an erased person is known again, should the same be asked twice or a feed bring the person back: SHA-256 of a child_id,
-- or rights.number_handle of a number.
CREATE TABLE rights.gone (
    handle bytea PRIMARY KEY CHECK (octet_length(handle) = 32),
    entry bigint NOT NULL REFERENCES rights.erasure,
    written_by name NOT NULL DEFAULT current_user
);

-- What is left of an erased judgement: its leaf, so that the run's root and everybody else's line can still be proved.
CREATE TABLE judgement.erased_line (
    run text NOT NULL REFERENCES judgement.run,
    position integer NOT NULL CHECK (position >= 0),
    leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
    written_by name NOT NULL DEFAULT current_user,
    PRIMARY KEY (run, position)
);

GRANT SELECT ON rights.request, rights.erasure, rights.erased TO rights, gate, council, auditor;
GRANT INSERT (subject, reason, person, statement, signature, entry) ON rights.request TO rights;
GRANT SELECT ON rights.gone TO rights, gate, intake;
GRANT INSERT (entry, decision) ON rights.erasure TO gate;
GRANT INSERT (index, entry) ON rights.erased TO gate;
GRANT INSERT (handle, entry) ON rights.gone TO gate;
GRANT SELECT ON judgement.erased_line TO analyst, auditor, rights, gate;
GRANT SELECT (run, position, child_id, judgement, leaf_hash) ON judgement.judgement TO auditor;
GRANT INSERT (run, position, leaf_hash) ON judgement.erased_line TO gate;

-- What rights.erase touches, and nobody may call it without a permit.
GRANT SELECT, DELETE ON facts.resident, facts.household, facts.shien_sochi, facts.gakureibo, facts.oneroster_map, facts.academic,
    facts.life_answer, facts.life_scale, facts.physical, facts.attendance, facts.shugaku_enjo, facts.seikatsu_hogo,
    facts.jido_fuyo_teate, facts.tax_class, facts.boshi_hoken, facts.soudan, facts.edu_support, facts.health_check,
    facts.jido_teate, facts.hoiku TO gate;
GRANT UPDATE (guardian_of_key) ON facts.household TO gate;
GRANT UPDATE (co_applicant_keys) ON facts.shien_sochi TO gate;
GRANT UPDATE (guardian_key) ON facts.gakureibo, facts.shugaku_enjo TO gate;
GRANT UPDATE (recipient_key) ON facts.jido_fuyo_teate, facts.jido_teate TO gate;
GRANT UPDATE (mother_key) ON facts.boshi_hoken TO gate;
GRANT SELECT ON identity.pepper TO gate;
GRANT SELECT, DELETE ON identity.person, identity.household, identity.case, identity.resident_name, identity.record TO gate;
GRANT USAGE ON SCHEMA intake, casework, bus TO gate;
GRANT SELECT (batch, line), DELETE ON bus.inbox TO gate;
GRANT SELECT, DELETE, UPDATE (raw) ON intake.quarantine TO gate;
GRANT SELECT, DELETE ON linkage.link, linkage.review, linkage.household, judgement.line, judgement.provisional_line, judgement.said, publication.alert, publication.outbox,
    publication.confirmation, publication.unlinked_report, casework.inbox, casework.item, casework.action TO gate;
GRANT UPDATE (child_id, judgement, person_key, event) ON gate.decision TO gate;
GRANT DELETE ON ledger.detail TO ledger;

RESET ROLE;
GRANT CREATE ON SCHEMA ledger TO ledger;
SET ROLE ledger;

-- Deletes detail and salt of these entries and of every other that names one of these texts; returns the indexes. The commitment
-- in the leaf can never be opened again, and no proof changes.
CREATE FUNCTION ledger.forget(told bigint[], named text[]) RETURNS bigint[]
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM ledger.detail d
        WHERE d.index = ANY (told)
           OR convert_from(d.detail, 'UTF8') LIKE ANY (ARRAY(SELECT '%' || word || '%' FROM unnest(named) AS word))
        RETURNING d.index)
    SELECT coalesce(array_agg(index ORDER BY index), '{}') FROM gone
$$;
REVOKE EXECUTE ON FUNCTION ledger.forget(bigint[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.forget(bigint[], text[]) TO gate;

RESET ROLE;
REVOKE CREATE ON SCHEMA ledger FROM ledger;
GRANT CREATE ON SCHEMA rights TO gate;
SET ROLE gate;

-- A number by a keyed hash, which only who holds this home's pepper can make or compare; null where nothing was ever loaded.
CREATE FUNCTION rights.number_handle(system text, number text) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(p.key || sha256(p.key || convert_to(number_handle.system || ':' || number_handle.number, 'UTF8'))) FROM identity.pepper p
$$;
REVOKE EXECUTE ON FUNCTION rights.number_handle(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rights.number_handle(text, text) TO rights;

-- Every number in force of one child, and every child_id that these numbers ever were a child of their own by (rules merge).
CREATE FUNCTION rights.of_child(child uuid, OUT keys bigint[], OUT children uuid[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before int;
BEGIN
    children := ARRAY[child];
    LOOP
        before := cardinality(children);
        keys := ARRAY(SELECT DISTINCT l.person_key FROM rights.own_link(children, '{}') l);
        children := ARRAY(SELECT DISTINCT l.child_id FROM rights.own_link(children, keys) l UNION SELECT child);
        EXIT WHEN cardinality(children) = before;
    END LOOP;
END $$;

-- Links that tell who somebody is: those in force, and the one by which a number was first a child of its own.
CREATE FUNCTION rights.own_link(children uuid[], keys bigint[]) RETURNS TABLE (person_key bigint, child_id uuid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH near AS (
        SELECT * FROM linkage.link WHERE person_key IN (SELECT l.person_key FROM linkage.link l WHERE l.child_id = ANY (children))
                                      OR person_key = ANY (keys)),
    newest AS (SELECT DISTINCT ON (person_key, basis) * FROM near ORDER BY person_key, basis, known_at DESC, seal DESC, op DESC),
    own AS (
        (SELECT DISTINCT ON (person_key) person_key, child_id FROM newest WHERE op = 'I' ORDER BY person_key, known_at DESC, basis DESC)
        UNION SELECT person_key, child_id FROM near WHERE basis = 'self')
    SELECT own.person_key, own.child_id FROM own WHERE own.child_id = ANY (children) OR own.person_key = ANY (keys)
$$;

-- Rows about the person go; in rows about somebody else only the link to the person goes, and their content_hash stays, so that
-- loading the same file again finds them unchanged. gone: [feed, record_key, setai_key, case_key] of each row that went. Of events
-- that such a row came by the inbox forgets the id, which a department may have made of a number.
CREATE FUNCTION rights.erase_facts(keys bigint[], OUT went bigint, OUT unlinked bigint, OUT gone jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place record;
    found jsonb;
    changed bigint;
BEGIN
    went := 0; unlinked := 0; gone := '[]';
    FOR place IN SELECT * FROM (VALUES
        ('resident', 'person_key'), ('household', 'person_key'), ('shien_sochi', 'person_key'), ('gakureibo', 'person_key'),
        ('oneroster_map', 'sourced_key'), ('oneroster_map', 'uuid_key'), ('oneroster_map', 'person_key'), ('oneroster_map', 'pupil_key'),
        ('academic', 'pupil_key'), ('academic', 'person_key'), ('life_answer', 'pupil_key'), ('life_scale', 'pupil_key'),
        ('physical', 'pupil_key'), ('attendance', 'pupil_key'), ('shugaku_enjo', 'person_key'), ('seikatsu_hogo', 'member_key'),
        ('jido_fuyo_teate', 'child_key'), ('tax_class', 'person_key'), ('boshi_hoken', 'child_key'), ('soudan', 'child_key'),
        ('edu_support', 'pupil_key'), ('edu_support', 'person_key'), ('health_check', 'pupil_key'), ('jido_teate', 'child_key'),
        ('hoiku', 'child_key')) AS about (feed, col)
    LOOP
        EXECUTE format('WITH deleted AS (DELETE FROM facts.%I AS f WHERE %I = ANY ($1) RETURNING f.batch, f.line, to_jsonb(f) AS r),'
                       ' forgotten AS (DELETE FROM bus.inbox i USING deleted d WHERE (i.batch, i.line) = (d.batch, d.line))'
                       ' SELECT coalesce(jsonb_agg(jsonb_build_array(%L, r -> ''record_key'', r -> ''setai_key'', r -> ''case_key'')), ''[]'') FROM deleted',
                       place.feed, place.col, place.feed) INTO found USING keys;
        gone := gone || found;
        went := went + jsonb_array_length(found);
    END LOOP;
    FOR place IN SELECT * FROM (VALUES
        ('household', 'guardian_of_key'), ('gakureibo', 'guardian_key'), ('shugaku_enjo', 'guardian_key'),
        ('jido_fuyo_teate', 'recipient_key'), ('jido_teate', 'recipient_key'), ('boshi_hoken', 'mother_key')) AS link (feed, col)
    LOOP
        EXECUTE format('UPDATE facts.%I SET %2$I = NULL WHERE %2$I = ANY ($1)', place.feed, place.col) USING keys;
        GET DIAGNOSTICS changed = ROW_COUNT;
        unlinked := unlinked + changed;
    END LOOP;
    UPDATE facts.shien_sochi SET co_applicant_keys = ARRAY(SELECT k FROM unnest(co_applicant_keys) AS k WHERE k <> ALL (keys))
        WHERE co_applicant_keys && keys;
    GET DIAGNOSTICS changed = ROW_COUNT;
    unlinked := unlinked + changed;
END $$;

-- Refused rows about the person go, found by record or by number; in others' the person's number goes out of their texts.
CREATE FUNCTION rights.erase_refusals(keys bigint[], gone jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    deleted bigint;
    link text;
BEGIN
    DELETE FROM intake.quarantine q
        WHERE (q.feed, q.record_key) IN (SELECT g ->> 0, (g ->> 1)::bigint FROM jsonb_array_elements(gone) AS g)
           OR EXISTS (
               SELECT FROM identity.person p
               JOIN (VALUES ('atena_no', 'atena_no'), ('child_atena_no', 'atena_no'), ('member_atena_no', 'atena_no'),
                            ('pupil_no', 'pupil_no'), ('sourced_id', 'sourced_id'), ('uuid', 'uuid')) AS about (col, system) USING (system)
               WHERE p.person_key = ANY (keys) AND q.raw ->> about.col = p.number);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    FOREACH link IN ARRAY ARRAY['guardian_atena_no', 'guardian_of', 'mother_atena_no', 'recipient_atena_no', 'co_applicants'] LOOP
        UPDATE intake.quarantine q SET raw = q.raw || jsonb_build_object(link, NULL)
            WHERE string_to_array(q.raw ->> link, '|') && ARRAY(
                SELECT number FROM identity.person WHERE person_key = ANY (keys) AND system = 'atena_no');
    END LOOP;
    RETURN deleted;
END $$;

-- Numbers, names and the sources' record ids; of a household or case only where nobody else's row bears its key.
CREATE FUNCTION rights.erase_identity(keys bigint[], gone jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lone_setai bigint[] := ARRAY(
        SELECT DISTINCT (g ->> 2)::bigint FROM jsonb_array_elements(gone) AS g WHERE g ->> 2 IS NOT NULL
        EXCEPT SELECT setai_key FROM facts.resident EXCEPT SELECT setai_key FROM facts.household
        EXCEPT SELECT setai_key FROM facts.seikatsu_hogo);
    lone_cases bigint[] := ARRAY(
        SELECT DISTINCT (g ->> 3)::bigint FROM jsonb_array_elements(gone) AS g WHERE g ->> 3 IS NOT NULL
        EXCEPT SELECT case_key FROM facts.soudan EXCEPT SELECT case_key FROM facts.seikatsu_hogo);
    feed text;
BEGIN
    DELETE FROM facts.tax_class WHERE setai_key = ANY (lone_setai);
    DELETE FROM identity.household WHERE setai_key = ANY (lone_setai);
    DELETE FROM identity.case WHERE case_key = ANY (lone_cases);
    FOR feed IN SELECT DISTINCT g ->> 0 FROM jsonb_array_elements(gone) AS g LOOP
        EXECUTE format('DELETE FROM identity.record r WHERE r.feed = %1$L'
                       ' AND r.record_key IN (SELECT (g ->> 1)::bigint FROM jsonb_array_elements($1) AS g WHERE g ->> 0 = %1$L)'
                       ' AND NOT EXISTS (SELECT FROM facts.%1$I f WHERE f.record_key = r.record_key)', feed) USING gone;
    END LOOP;
    DELETE FROM identity.resident_name WHERE person_key = ANY (keys);
    DELETE FROM identity.person WHERE person_key = ANY (keys);
    DELETE FROM linkage.review WHERE left_key = ANY (keys) OR right_key = ANY (keys);
    DELETE FROM linkage.household WHERE person_key = ANY (keys);
END $$;

-- Judgements, alerts and what was done with them; of a judgement its leaf stays. told: entries that tell of the person.
CREATE FUNCTION rights.erase_judgements(children uuid[], keys bigint[], OUT judgements bigint, OUT alerts text[], OUT told bigint[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    alerts := ARRAY(SELECT a.alert FROM publication.alert a WHERE a.child_id = ANY (children)
                    UNION SELECT u.report FROM publication.unlinked_report u WHERE u.person_key = ANY (keys));
    told := ARRAY(SELECT a.entry FROM casework.action a WHERE coalesce(a.alert, a.report) = ANY (alerts)
                  UNION SELECT d.entry FROM gate.decision d WHERE d.child_id = ANY (children) OR d.person_key = ANY (keys));
    DELETE FROM casework.action a WHERE coalesce(a.alert, a.report) = ANY (alerts);
    DELETE FROM casework.item i WHERE i.alert = ANY (alerts);
    DELETE FROM casework.inbox i WHERE i.event #>> '{data,alert}' = ANY (alerts);
    DELETE FROM publication.outbox o WHERE coalesce(o.alert, o.report) = ANY (alerts);
    DELETE FROM publication.confirmation c WHERE c.alert = ANY (alerts);
    DELETE FROM publication.alert a WHERE a.alert = ANY (alerts);
    DELETE FROM publication.unlinked_report u WHERE u.report = ANY (alerts);
    WITH went AS (DELETE FROM judgement.line l USING judgement.said s, judgement.run r
                  WHERE s.child_id = ANY (erase_judgements.children) AND l.judgement = s.judgement AND r.seal = l.seal
                  RETURNING r.run, l.position, s.leaf_hash)
    INSERT INTO judgement.erased_line (run, position, leaf_hash) SELECT run, position, leaf_hash FROM went;
    GET DIAGNOSTICS judgements = ROW_COUNT;
    DELETE FROM judgement.provisional_line p USING judgement.said s WHERE s.child_id = ANY (children) AND p.judgement = s.judgement;
    DELETE FROM judgement.said s WHERE s.child_id = ANY (children);
    DELETE FROM gate.suspension s WHERE s.child_id = ANY (children);
    DELETE FROM gate.unmasking w WHERE w.child_id = ANY (children);
    UPDATE gate.decision d SET child_id = NULL, judgement = NULL, person_key = NULL, event = NULL
        WHERE d.child_id = ANY (children) OR d.person_key = ANY (keys);
    DELETE FROM linkage.link l WHERE l.child_id = ANY (children);
END $$;

-- What an erasure is asked and remembered by: the child's, where the number is a child's, else the number's.
CREATE FUNCTION rights.subject(child uuid, key bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN child IS NOT NULL THEN sha256(uuid_send(child))
                ELSE (SELECT rights.number_handle(p.system, p.number) FROM identity.person p WHERE p.person_key = key) END
$$;
REVOKE EXECUTE ON FUNCTION rights.subject(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rights.subject(uuid, bigint) TO rights;

-- Erases one person whole, a child by its linkage ID or anybody else by the key of a number, and logs it: one transaction with its
-- permit. Returns {entry, details, facts, unlinked, refusals, judgements, alerts}: the entry `erased` and how much went.
CREATE FUNCTION rights.erase(permit uuid, child uuid, key bigint, reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked_for bytea := rights.subject(child, key);
    askers text[];
    keys bigint[] := ARRAY[key];
    children uuid[] := '{}';
    handles bytea[];
    stored record;
    judged record;
    forgotten bigint[];
    counts jsonb;
    place bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM gate.decision d WHERE d.decision = permit AND d.act = 'erase' AND d.outcome = 'permit'
                   AND d.role = session_user AND d.xact = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'no permit to erase in this transaction';
    END IF;
    askers := ARRAY(SELECT DISTINCT r.person FROM rights.request r JOIN gate.person p USING (person)
                    WHERE r.subject = asked_for AND r.reason = erase.reason AND p.revoked_at IS NULL ORDER BY 1);
    IF cardinality(askers) < 2 THEN
        RAISE EXCEPTION 'two persons have to ask for an erasure';
    END IF;
    IF child IS NOT NULL THEN
        SELECT * INTO keys, children FROM rights.of_child(child);
    END IF;
    handles := ARRAY(SELECT sha256(uuid_send(c)) FROM unnest(children) AS c
                     UNION SELECT rights.number_handle(p.system, p.number) FROM identity.person p WHERE p.person_key = ANY (keys));
    judged := rights.erase_judgements(children, keys);
    stored := rights.erase_facts(keys);
    counts := jsonb_build_object('facts', stored.went, 'unlinked', stored.unlinked, 'judgements', judged.judgements,
                                 'alerts', cardinality(judged.alerts), 'refusals', rights.erase_refusals(keys, stored.gone));
    PERFORM rights.erase_identity(keys, stored.gone);
    DELETE FROM linkage.link l WHERE l.person_key = ANY (keys);
    forgotten := ledger.forget(judged.told, judged.alerts || children::text[]);
    place := (SELECT * FROM ledger.append_all(jsonb_build_array(jsonb_build_object(
        'clear', jsonb_build_object('kind', 'erased', 'act', 'erase', 'role', session_user),
        'detail', jsonb_build_object('subject', encode(asked_for, 'hex'), 'reason', reason, 'persons', askers, 'decision', permit,
                                     'entries', forgotten, 'counts', counts)))));
    INSERT INTO rights.erasure (entry, decision) VALUES (place, permit);
    INSERT INTO rights.erased (index, entry) SELECT unnest(forgotten), place;
    INSERT INTO rights.gone (handle, entry) SELECT handle, place FROM unnest(handles) AS handle WHERE handle IS NOT NULL;
    RETURN counts || jsonb_build_object('entry', place, 'details', cardinality(forgotten));
END $$;
REVOKE EXECUTE ON FUNCTION rights.erase(uuid, uuid, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rights.erase(uuid, uuid, bigint, text) TO rights;

RESET ROLE;
REVOKE CREATE ON SCHEMA rights FROM gate;
SET ROLE mimamori_owner;

RESET ROLE;
