DROP TRIGGER default_grading ON institutions;
DROP FUNCTION give_default_grading, create_default_grading;
DROP TABLE academic_policies, grading_scheme_steps, grading_schemes;
