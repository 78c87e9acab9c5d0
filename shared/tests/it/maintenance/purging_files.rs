//! Files of imports go a while after the last import of each, and nobody else's files do.

use super::{House, at};
use acurate_shared::maintenance::Task;

const NOW: &str = "2027-03-01T01:00:00Z";

/// Files by name, all but one uploaded long ago; then, for each import: its file, the state of its job and when that ended.
const FILES: &str = "
    INSERT INTO uploads (institution_id, created_by, purpose, file_name, size_bytes, sha256, created_at)
    SELECT 1, 1, purpose, name, 1, sha256('x'), made FROM (VALUES
        ('done', 'student_import', timestamptz '2026-12-01'),
        ('applied-lately', 'grade_import', '2026-12-01'),
        ('died', 'student_import', '2026-12-01'),
        ('running', 'student_import', '2026-12-01'),
        ('orphan', 'grade_import', '2026-12-01'),
        ('portrait', 'profile_picture', '2026-12-01'),
        ('lately', 'student_import', '2027-02-20')
    ) AS f (name, purpose, made);
    INSERT INTO upload_chunks (upload_id, seq, data) SELECT id, 0, 'x' FROM uploads;
    UPDATE users SET picture_upload_id = (SELECT id FROM uploads WHERE file_name = 'portrait') WHERE id = 1;
    WITH asked AS (
        INSERT INTO jobs (kind, queue, payload, max_attempts, state, worker, lease_until, finished_at)
        SELECT name, 'import', jsonb_build_object('n', n), 5, state, 'w', CASE state WHEN 'running' THEN now() END, ended FROM (VALUES
            ('done', 1, 'succeeded', timestamptz '2026-12-02'),
            ('applied-lately', 2, 'succeeded', '2026-12-02'),
            ('applied-lately', 3, 'cancelled', '2027-02-10'),
            ('died', 4, 'dead', '2026-12-02'),
            ('running', 5, 'running', NULL),
            ('lately', 6, 'succeeded', '2027-02-20')
        ) AS i (name, n, state, ended) RETURNING *)
    INSERT INTO imports (institution_id, kind, upload_id, job_id, mode, on_existing, send_welcome)
    SELECT 1, 'students', u.id, j.id, 'dry_run', 'skip', false FROM asked j JOIN uploads u ON u.file_name = j.kind";

#[tokio::test]
async fn a_file_goes_when_every_import_of_it_ended_a_while_ago() {
    let house = House::open().await;
    house.execute(FILES).await;
    assert_eq!(house.purge(Task::ImportedFiles, at(NOW)).await, [2]);
    let left = "applied-lately died lately portrait running";
    assert_eq!(house.line("file_name", "uploads").await, left);
    let pieces = "upload_chunks JOIN uploads ON uploads.id = upload_id";
    assert_eq!(house.line("file_name", pieces).await, left, "the pieces go with their file");
    assert_eq!(house.value::<i64>("SELECT count(*) FROM upload_chunks").await, 5);
    let without_file: i64 = house.value("SELECT count(*) FROM imports WHERE upload_id IS NULL").await;
    assert_eq!(without_file, 1, "the import itself stays and says that its file was removed");

    assert_eq!(house.purge(Task::ImportedFiles, at("2027-03-12T01:00:01Z")).await, [1]);
    assert_eq!(house.line("file_name", "uploads").await, "died lately portrait running");
}
