-- How an institution turns percentages into letters and points, and from where on it worries.

CREATE TABLE grading_schemes (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    name           text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 100),
    valid_from     smallint NOT NULL CHECK (valid_from BETWEEN 1950 AND 2100),
    valid_until    smallint CHECK (valid_until BETWEEN 1950 AND 2100),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT grading_schemes_validity_check CHECK (valid_until >= valid_from),
    -- A range of one id instead of the id: ranges need no extension to be excluded together.
    CONSTRAINT grading_schemes_overlap_excl EXCLUDE USING gist (
        int8range(institution_id, institution_id, '[]') WITH &&,
        int4range(valid_from::integer, valid_until::integer, '[]') WITH &&
    )
);
CREATE INDEX grading_schemes_institution_idx ON grading_schemes (institution_id, valid_from);
COMMENT ON TABLE grading_schemes IS 'Letter grades of an institution; in each academic year at most one scheme is valid';
COMMENT ON COLUMN grading_schemes.valid_from IS 'First academic year, by the year in which it begins';
COMMENT ON COLUMN grading_schemes.valid_until IS 'Last academic year, inclusive; null: until further notice';

CREATE TABLE grading_scheme_steps (
    scheme_id  bigint NOT NULL REFERENCES grading_schemes (id) ON DELETE CASCADE,
    letter     text NOT NULL CHECK (length(btrim(letter)) BETWEEN 1 AND 5),
    lower_edge numeric(5, 2) NOT NULL CHECK (lower_edge BETWEEN 0 AND 100),
    points     numeric(3, 2) NOT NULL CHECK (points BETWEEN 0 AND 4),
    is_passing boolean NOT NULL,
    PRIMARY KEY (scheme_id, letter),
    CONSTRAINT grading_scheme_steps_edge_key UNIQUE (scheme_id, lower_edge)
);
COMMENT ON COLUMN grading_scheme_steps.lower_edge IS 'The lowest percentage with this letter, inclusive; the lowest step begins at 0';

CREATE TABLE academic_policies (
    institution_id           bigint PRIMARY KEY REFERENCES institutions (id) ON DELETE CASCADE,
    pass_percentage          numeric(5, 2) NOT NULL DEFAULT 60 CHECK (pass_percentage BETWEEN 0 AND 100),
    at_risk_percentage       numeric(5, 2) NOT NULL DEFAULT 60 CHECK (at_risk_percentage BETWEEN 0 AND 100),
    at_risk_missed           smallint NOT NULL DEFAULT 2 CHECK (at_risk_missed BETWEEN 1 AND 100),
    at_risk_unmet_percentage numeric(5, 2) NOT NULL DEFAULT 50 CHECK (at_risk_unmet_percentage > 0 AND at_risk_unmet_percentage <= 100),
    course_pass_rate         numeric(5, 2) NOT NULL DEFAULT 70 CHECK (course_pass_rate BETWEEN 0 AND 100),
    version                  integer NOT NULL DEFAULT 1,
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE academic_policies IS 'Thresholds of an institution: one row each, made with it';
COMMENT ON COLUMN academic_policies.pass_percentage IS 'The lowest course grade that passes in years without a grading scheme';
COMMENT ON COLUMN academic_policies.at_risk_percentage IS 'A student whose course grade so far is below is at risk';
COMMENT ON COLUMN academic_policies.at_risk_missed IS 'So many missed assessments of a course put a student at risk';
COMMENT ON COLUMN academic_policies.at_risk_unmet_percentage IS 'Such a share of the assessed learning outcomes of a course, not met, puts a student at risk';
COMMENT ON COLUMN academic_policies.course_pass_rate IS 'A course of which a smaller share of the graded students passes is worth an alert';

CREATE TRIGGER touch BEFORE UPDATE ON grading_schemes FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON academic_policies FOR EACH ROW EXECUTE FUNCTION touch_row();

-- The letters are those of Turkish universities. Their cut points differ from one to the next; these are a common set, and data.
CREATE FUNCTION create_default_grading(institution bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO academic_policies (institution_id) VALUES (institution);
    WITH scheme AS (
        INSERT INTO grading_schemes (institution_id, name, valid_from) VALUES (institution, 'AA-FF', 1950) RETURNING id
    )
    INSERT INTO grading_scheme_steps (scheme_id, letter, points, lower_edge, is_passing)
    SELECT scheme.id, step.letter, step.points, step.lower_edge, step.is_passing
    FROM scheme, (VALUES
        ('AA', 4.0, 90, true), ('BA', 3.5, 85, true), ('BB', 3.0, 80, true), ('CB', 2.5, 75, true), ('CC', 2.0, 70, true),
        ('DC', 1.5, 65, true), ('DD', 1.0, 60, true), ('FD', 0.5, 50, false), ('FF', 0.0, 0, false)
    ) AS step (letter, points, lower_edge, is_passing);
$$;
COMMENT ON FUNCTION create_default_grading IS 'Gives an institution its first grading scheme and its thresholds';

CREATE FUNCTION give_default_grading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM create_default_grading(NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER default_grading AFTER INSERT ON institutions FOR EACH ROW EXECUTE FUNCTION give_default_grading();

SELECT create_default_grading(id) FROM institutions;
