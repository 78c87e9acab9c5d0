ALTER TABLE grades DROP COLUMN feedback_by_range;
ALTER TABLE assessments DROP COLUMN feedback_complete;
