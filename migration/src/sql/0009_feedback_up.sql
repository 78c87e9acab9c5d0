-- Feedback by percentage: whether an assessment's ranges leave no gap, and whose words a cell of the grade book holds.

ALTER TABLE assessments
    ADD COLUMN feedback_complete boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT assessments_feedback_complete_check CHECK (NOT feedback_complete OR feedback_ranges <> '[]');
COMMENT ON COLUMN assessments.feedback_complete IS 'The ranges cover every percentage from 0 to 100, without a gap';

ALTER TABLE grades ADD COLUMN feedback_by_range boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN grades.feedback_by_range IS 'Nobody wrote words here: they are those of the assessment''s range, if one matches, and follow it. False: a person wrote them, or took them away';

-- Cells without words are nobody's yet. That is no change of theirs, so that their versions stay.
ALTER TABLE grades DISABLE TRIGGER touch;
UPDATE grades SET feedback_by_range = true WHERE feedback IS NULL;
ALTER TABLE grades ENABLE TRIGGER touch;
