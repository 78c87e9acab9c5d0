-- What was reached: grades and the achievements computed from them.

CREATE TABLE grades (
    institution_id bigint NOT NULL,
    academic_year  smallint NOT NULL,
    course_id      bigint NOT NULL,
    student_id     bigint NOT NULL,
    assessment_id  bigint NOT NULL,
    status         text NOT NULL CHECK (status IN ('scored', 'absent', 'excused')),
    score          numeric(6, 2) CHECK (score >= 0),
    feedback       text CHECK (length(feedback) <= 5000),
    graded_by      bigint,
    graded_at      timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT grades_pkey PRIMARY KEY (student_id, assessment_id, academic_year),
    CONSTRAINT grades_scored_check CHECK ((status = 'scored') = (score IS NOT NULL)),
    CONSTRAINT grades_enrollment_fkey FOREIGN KEY (student_id, course_id) REFERENCES enrollments (student_id, course_id),
    CONSTRAINT grades_assessment_fkey FOREIGN KEY (assessment_id, course_id, academic_year, institution_id)
        REFERENCES assessments (id, course_id, academic_year, institution_id),
    CONSTRAINT grades_graded_by_fkey FOREIGN KEY (graded_by) REFERENCES users (id) ON DELETE SET NULL
) PARTITION BY LIST (academic_year);
CREATE INDEX grades_assessment_graded_at_idx ON grades (assessment_id, graded_at);
CREATE INDEX grades_course_idx ON grades (course_id, student_id);
CREATE TRIGGER touch BEFORE UPDATE ON grades FOR EACH ROW EXECUTE FUNCTION touch_row();
COMMENT ON TABLE grades IS 'One cell of a grade book: a score, or the fact that there is none (absent, excused). Not graded yet is no row';

-- Attaching a prepared table holds weaker locks on the parent than creating it as a partition.
CREATE FUNCTION ensure_grades_partition(year smallint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text := format('grades_%s', year);
BEGIN
    IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'grades'::regclass AND c.relname = name) THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ensure_grades_partition', 0));
    -- A query, as it sees what was committed meanwhile; to_regclass may still remember that the table was missing.
    IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'grades'::regclass AND c.relname = name) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE grades INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE grades ATTACH PARTITION %I FOR VALUES IN (%s)', name, year);
    RETURN true;
END
$$;
COMMENT ON FUNCTION ensure_grades_partition IS 'Makes the partition of one academic year; true when it was missing';

-- The academic year that runs now and the next one; a course of any other year brings its partition along.
SELECT ensure_grades_partition((extract(year FROM now()) - 1 + n)::smallint) FROM generate_series(0, 2) AS n;

CREATE TABLE student_lo_achievements (
    institution_id      bigint NOT NULL,
    student_id          bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    learning_outcome_id bigint NOT NULL REFERENCES learning_outcomes (id) ON DELETE CASCADE,
    course_id           bigint NOT NULL,
    percentage          numeric(5, 2) CHECK (percentage BETWEEN 0 AND 100),
    is_met              boolean,
    graded_count        integer NOT NULL CHECK (graded_count >= 0),
    total_count         integer NOT NULL,
    computed_at         timestamptz NOT NULL,
    CONSTRAINT student_lo_achievements_pkey PRIMARY KEY (student_id, learning_outcome_id),
    CONSTRAINT student_lo_achievements_count_check CHECK (graded_count <= total_count),
    CONSTRAINT student_lo_achievements_met_check CHECK ((percentage IS NULL) = (is_met IS NULL))
);
CREATE INDEX student_lo_achievements_lo_idx ON student_lo_achievements (learning_outcome_id, percentage);
COMMENT ON COLUMN student_lo_achievements.percentage IS 'Null: not assessed';
COMMENT ON COLUMN student_lo_achievements.is_met IS 'Compared with the target before rounding';

CREATE TABLE student_po_achievements (
    institution_id     bigint NOT NULL,
    student_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    program_outcome_id bigint NOT NULL REFERENCES program_outcomes (id) ON DELETE CASCADE,
    percentage         numeric(5, 2) CHECK (percentage BETWEEN 0 AND 100),
    is_met             boolean,
    graded_count       integer NOT NULL CHECK (graded_count >= 0),
    total_count        integer NOT NULL,
    computed_at        timestamptz NOT NULL,
    CONSTRAINT student_po_achievements_pkey PRIMARY KEY (student_id, program_outcome_id),
    CONSTRAINT student_po_achievements_count_check CHECK (graded_count <= total_count),
    CONSTRAINT student_po_achievements_met_check CHECK ((percentage IS NULL) = (is_met IS NULL))
);
CREATE INDEX student_po_achievements_percentage_idx ON student_po_achievements (student_id, percentage);
CREATE INDEX student_po_achievements_po_idx ON student_po_achievements (program_outcome_id, percentage);
COMMENT ON COLUMN student_po_achievements.graded_count IS 'Learning outcomes with a value, of total_count that serve this program outcome';

CREATE TABLE achievement_marks (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint NOT NULL,
    student_id     bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    marked_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX achievement_marks_student_idx ON achievement_marks (student_id);
CREATE INDEX achievement_marks_marked_at_idx ON achievement_marks (marked_at);
COMMENT ON TABLE achievement_marks IS 'A change that a student''s achievements do not show yet. Only inserted and deleted, so that a change never waits for a computation';
