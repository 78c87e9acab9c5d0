DROP TABLE enrollments, assessment_lo, assessments, lo_po, learning_outcomes, courses, program_outcomes;
