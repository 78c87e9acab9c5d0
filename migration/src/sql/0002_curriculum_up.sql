-- What is promised and what is taught: program outcomes, courses, learning outcomes, assessments and the weights between them.
-- The composite keys carry the tenant and the course along, so that no row can join two institutions or two courses.

CREATE TABLE program_outcomes (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id    bigint NOT NULL,
    program_id        bigint NOT NULL,
    code              text NOT NULL CHECK (length(btrim(code)) BETWEEN 1 AND 20),
    title             text NOT NULL CHECK (length(btrim(title)) BETWEEN 1 AND 200),
    description       text CHECK (length(description) <= 5000),
    target_percentage numeric(5, 2) NOT NULL DEFAULT 70 CHECK (target_percentage BETWEEN 0 AND 100),
    is_active         boolean NOT NULL DEFAULT true,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT program_outcomes_code_key UNIQUE (program_id, code),
    CONSTRAINT program_outcomes_tenant_key UNIQUE (institution_id, id),
    CONSTRAINT program_outcomes_program_fkey FOREIGN KEY (institution_id, program_id) REFERENCES programs (institution_id, id)
);

CREATE TABLE courses (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint NOT NULL,
    department_id  bigint NOT NULL,
    teacher_id     bigint,
    code           text NOT NULL CHECK (length(btrim(code)) BETWEEN 1 AND 20),
    title          text NOT NULL CHECK (length(btrim(title)) BETWEEN 1 AND 200),
    description    text CHECK (length(description) <= 5000),
    credits        smallint NOT NULL CHECK (credits BETWEEN 1 AND 30),
    academic_year  smallint NOT NULL CHECK (academic_year BETWEEN 1950 AND 2100),
    semester       text NOT NULL CHECK (semester IN ('fall', 'spring', 'summer')),
    section        text NOT NULL DEFAULT '1' CHECK (length(section) BETWEEN 1 AND 10),
    is_active      boolean NOT NULL DEFAULT true,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT courses_code_year_key UNIQUE (institution_id, code, academic_year, semester, section),
    CONSTRAINT courses_tenant_key UNIQUE (institution_id, id),
    CONSTRAINT courses_year_key UNIQUE (id, academic_year, institution_id),
    CONSTRAINT courses_department_fkey FOREIGN KEY (institution_id, department_id) REFERENCES departments (institution_id, id),
    CONSTRAINT courses_teacher_fkey FOREIGN KEY (institution_id, teacher_id) REFERENCES users (institution_id, id)
);
CREATE INDEX courses_teacher_year_idx ON courses (teacher_id, academic_year);
CREATE INDEX courses_department_year_idx ON courses (department_id, academic_year);
COMMENT ON COLUMN courses.academic_year IS 'The year in which the academic year begins: 2024 is 2024-2025';

CREATE TABLE learning_outcomes (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id    bigint NOT NULL,
    course_id         bigint NOT NULL,
    code              text NOT NULL CHECK (length(btrim(code)) BETWEEN 1 AND 20),
    title             text NOT NULL CHECK (length(btrim(title)) BETWEEN 1 AND 200),
    description       text CHECK (length(description) <= 5000),
    target_percentage numeric(5, 2) NOT NULL DEFAULT 70 CHECK (target_percentage BETWEEN 0 AND 100),
    is_active         boolean NOT NULL DEFAULT true,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT learning_outcomes_code_key UNIQUE (course_id, code),
    CONSTRAINT learning_outcomes_tenant_key UNIQUE (institution_id, id),
    CONSTRAINT learning_outcomes_course_key UNIQUE (id, course_id),
    CONSTRAINT learning_outcomes_course_fkey FOREIGN KEY (institution_id, course_id) REFERENCES courses (institution_id, id)
);

CREATE TABLE lo_po (
    institution_id      bigint NOT NULL,
    learning_outcome_id bigint NOT NULL,
    program_outcome_id  bigint NOT NULL,
    weight              numeric(5, 2) NOT NULL CHECK (weight > 0 AND weight <= 100),
    PRIMARY KEY (learning_outcome_id, program_outcome_id),
    CONSTRAINT lo_po_learning_outcome_fkey FOREIGN KEY (institution_id, learning_outcome_id) REFERENCES learning_outcomes (institution_id, id) ON DELETE CASCADE,
    CONSTRAINT lo_po_program_outcome_fkey FOREIGN KEY (institution_id, program_outcome_id) REFERENCES program_outcomes (institution_id, id) ON DELETE CASCADE
);
CREATE INDEX lo_po_program_outcome_idx ON lo_po (program_outcome_id);
COMMENT ON COLUMN lo_po.weight IS 'Relative: only the ratio between the weights of one outcome matters';

CREATE TABLE assessments (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id  bigint NOT NULL,
    course_id       bigint NOT NULL,
    academic_year   smallint NOT NULL,
    title           text NOT NULL CHECK (length(btrim(title)) BETWEEN 1 AND 200),
    description     text CHECK (length(description) <= 5000),
    assessment_type text NOT NULL CHECK (assessment_type IN ('midterm', 'final', 'quiz', 'homework', 'project', 'lab', 'presentation', 'other')),
    weight          numeric(5, 2) NOT NULL CHECK (weight >= 0 AND weight <= 999.99),
    max_score       numeric(6, 2) NOT NULL DEFAULT 100 CHECK (max_score > 0),
    due_date        timestamptz,
    feedback_ranges jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(feedback_ranges) = 'array'),
    is_active       boolean NOT NULL DEFAULT true,
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assessments_title_key UNIQUE (course_id, title),
    CONSTRAINT assessments_course_key UNIQUE (id, course_id),
    CONSTRAINT assessments_year_key UNIQUE (id, course_id, academic_year, institution_id),
    CONSTRAINT assessments_course_fkey FOREIGN KEY (course_id, academic_year, institution_id) REFERENCES courses (id, academic_year, institution_id)
);
CREATE INDEX assessments_course_active_idx ON assessments (course_id, is_active);
CREATE INDEX assessments_due_date_idx ON assessments (due_date);
COMMENT ON COLUMN assessments.weight IS 'Share of the course grade; only ratios matter, so sums of 75, 130 or 200 are allowed';

CREATE TABLE assessment_lo (
    course_id           bigint NOT NULL,
    assessment_id       bigint NOT NULL,
    learning_outcome_id bigint NOT NULL,
    weight              numeric(5, 2) NOT NULL CHECK (weight >= 0 AND weight <= 100),
    PRIMARY KEY (assessment_id, learning_outcome_id),
    CONSTRAINT assessment_lo_assessment_fkey FOREIGN KEY (assessment_id, course_id) REFERENCES assessments (id, course_id) ON DELETE CASCADE,
    CONSTRAINT assessment_lo_learning_outcome_fkey FOREIGN KEY (learning_outcome_id, course_id) REFERENCES learning_outcomes (id, course_id) ON DELETE CASCADE
);
CREATE INDEX assessment_lo_learning_outcome_idx ON assessment_lo (learning_outcome_id);
COMMENT ON COLUMN assessment_lo.weight IS 'Relative weight of the assessment on the outcome; zero means mapped but without influence';

CREATE TABLE enrollments (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint NOT NULL,
    student_id     bigint NOT NULL,
    course_id      bigint NOT NULL,
    is_active      boolean NOT NULL DEFAULT true,
    enrolled_at    timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT enrollments_student_course_key UNIQUE (student_id, course_id),
    CONSTRAINT enrollments_student_fkey FOREIGN KEY (institution_id, student_id) REFERENCES users (institution_id, id),
    CONSTRAINT enrollments_course_fkey FOREIGN KEY (institution_id, course_id) REFERENCES courses (institution_id, id)
);
CREATE INDEX enrollments_student_active_idx ON enrollments (student_id, is_active);
CREATE INDEX enrollments_course_active_idx ON enrollments (course_id, is_active);

CREATE TRIGGER touch BEFORE UPDATE ON program_outcomes FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON courses FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON learning_outcomes FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON assessments FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON enrollments FOR EACH ROW EXECUTE FUNCTION touch_row();
