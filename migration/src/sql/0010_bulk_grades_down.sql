-- The older schema has one word for all who did not sit an assessment.
ALTER TABLE grades DROP CONSTRAINT grades_status_check;
UPDATE grades SET status = 'absent' WHERE status = 'non_attendance';
ALTER TABLE grades ADD CONSTRAINT grades_status_check CHECK (status IN ('scored', 'absent', 'excused'));
COMMENT ON TABLE grades IS 'One cell of a grade book: a score, or the fact that there is none (absent, excused). Not graded yet is no row';
COMMENT ON COLUMN grades.status IS NULL;

ALTER TABLE imports
    DROP CONSTRAINT imports_layout_kind_check,
    DROP CONSTRAINT imports_course_kind_check,
    DROP CONSTRAINT imports_course_fkey,
    DROP COLUMN rehearsal_id,
    DROP COLUMN layout,
    DROP COLUMN course_id;
COMMENT ON COLUMN imports.mapping IS NULL;
