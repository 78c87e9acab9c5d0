DROP TABLE password_reset_tokens, password_history, sessions, users, programs, departments, institutions;
DROP FUNCTION touch_row;
