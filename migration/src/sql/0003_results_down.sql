DROP TABLE achievement_marks, student_po_achievements, student_lo_achievements, grades;
DROP FUNCTION ensure_grades_partition;
