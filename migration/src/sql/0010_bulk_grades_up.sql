-- Bulk grades: a third reason for having no score, and imports that bring grades to a course.

ALTER TABLE grades DROP CONSTRAINT grades_status_check;
ALTER TABLE grades ADD CONSTRAINT grades_status_check CHECK (status IN ('scored', 'absent', 'excused', 'non_attendance'));
COMMENT ON TABLE grades IS 'One cell of a grade book: a score, or the fact that there is none (absent, excused, non-attendance). Not graded yet is no row';
COMMENT ON COLUMN grades.status IS 'absent: GR, did not sit the assessment; excused: MZ; non_attendance: DZ, attended too little of the course';

ALTER TABLE imports
    ADD COLUMN course_id bigint,
    ADD COLUMN layout text CHECK (layout IN ('auto', 'wide', 'long')),
    ADD COLUMN rehearsal_id bigint REFERENCES imports (id) ON DELETE SET NULL,
    ADD CONSTRAINT imports_course_fkey FOREIGN KEY (institution_id, course_id) REFERENCES courses (institution_id, id) ON DELETE SET NULL (course_id),
    ADD CONSTRAINT imports_course_kind_check CHECK (kind = 'grades' OR course_id IS NULL),
    ADD CONSTRAINT imports_layout_kind_check CHECK ((kind = 'grades') = (layout IS NOT NULL));
CREATE INDEX imports_course_idx ON imports (course_id, created_at DESC) WHERE course_id IS NOT NULL;
CREATE INDEX imports_rehearsal_idx ON imports (rehearsal_id) WHERE rehearsal_id IS NOT NULL;
COMMENT ON COLUMN imports.course_id IS 'Whose grades they are; null for students, and once the course is gone';
COMMENT ON COLUMN imports.layout IS 'How a file of grades was said to be laid out: auto, wide (a column per assessment) or long (a record per cell)';
COMMENT ON COLUMN imports.mapping IS 'What the columns of a file of grades were taken for';
COMMENT ON COLUMN imports.rehearsal_id IS 'The dry run whose file this import applies';
