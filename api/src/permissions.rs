//! Who may do what: role × operation × scope, one row an operation.
//!
//! The document shows it to clients; a test sends every operation as every role, to the own institution and to another
//! one, and compares. The rules themselves stand where they belong, in the use cases of the shared crate.

use serde_json::{Value, json};

/// How far a role may go with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nowhere: 403.
    Nothing,
    /// What is its own: the account, the record, the courses that it teaches or takes. The rest of its institution is 403 or 404.
    Own,
    /// Everything of its institution. What belongs to another one is 404.
    Institution,
    /// Everything.
    Platform,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    /// The operation's id in the document.
    pub operation: &'static str,
    /// The owner of the platform: institutions and their administrators, never grades.
    pub super_admin: Scope,
    /// An administrator of an institution.
    pub institution_admin: Scope,
    /// A teacher.
    pub teacher: Scope,
    /// A student.
    pub student: Scope,
}

macro_rules! permissions {
    (@scope -) => { Scope::Nothing };
    (@scope own) => { Scope::Own };
    (@scope institution) => { Scope::Institution };
    (@scope platform) => { Scope::Platform };
    ($($operation:ident: $owner:tt $admin:tt $teacher:tt $student:tt;)+) => {
        &[$(Permission {
            operation: stringify!($operation),
            super_admin: permissions!(@scope $owner),
            institution_admin: permissions!(@scope $admin),
            teacher: permissions!(@scope $teacher),
            student: permissions!(@scope $student),
        }),+]
    };
}

/// Operations that need no sign-in.
pub const PUBLIC: &[&str] = &[
    "createContactRequest",
    "forgotPassword",
    "getHealth",
    "getLiveness",
    "getReadiness",
    "refreshTokens",
    "resetPassword",
    "signIn",
];

/// All other operations.
#[rustfmt::skip]
pub const PERMISSIONS: &[Permission] = permissions! {
    // operation                  super admin  administrator  teacher      student

    // The own account
    changePassword:               own          own            own          own;
    endMySession:                 own          own            own          own;
    getMe:                        own          own            own          own;
    getMyAccount:                 own          own            own          own;
    getMyPicture:                 own          own            own          own;
    listMySessions:               own          own            own          own;
    removeMyPicture:              own          own            own          own;
    setMyPicture:                 own          own            own          own;
    signOut:                      own          own            own          own;
    signOutEverywhere:            own          own            own          own;
    updateMyAccount:              own          own            own          own;

    // Institutions
    createInstitution:            platform     -              -            -;
    createInstitutionAdmin:       platform     -              -            -;
    deleteContactRequest:         platform     -              -            -;
    deleteInstitution:            platform     -              -            -;
    getContactRequest:            platform     -              -            -;
    getInstitution:               platform     institution    -            -;
    getInstitutionAdmin:          platform     -              -            -;
    getOwnInstitution:            -            own            own          own;
    listActivity:                 platform     institution    -            -;
    listContactRequests:          platform     -              -            -;
    listInstitutionAdmins:        platform     -              -            -;
    listInstitutions:             platform     -              -            -;
    resetInstitutionAdminAccess:  platform     -              -            -;
    resumeInstitution:            platform     -              -            -;
    suspendInstitution:           platform     -              -            -;
    updateContactRequest:         platform     -              -            -;
    updateInstitution:            platform     -              -            -;
    updateInstitutionAdmin:       platform     -              -            -;
    updateOwnInstitution:         -            own            -            -;

    // People
    createStudent:                -            institution    -            -;
    createTeacher:                -            institution    -            -;
    deleteStudent:                -            institution    -            -;
    deleteTeacher:                -            institution    -            -;
    getStudent:                   -            institution    institution  own;
    getTeacher:                   -            institution    -            -;
    getUserPicture:               own          institution    institution  institution;
    listStudents:                 -            institution    institution  -;
    listTeachers:                 -            institution    -            -;
    resendStudentWelcome:         -            institution    -            -;
    resendTeacherWelcome:         -            institution    -            -;
    updateStudent:                -            institution    -            -;
    updateTeacher:                -            institution    -            -;

    // Departments, programs and their outcomes
    createDepartment:             -            institution    -            -;
    createProgram:                -            institution    -            -;
    createProgramOutcome:         -            institution    -            -;
    deleteDepartment:             -            institution    -            -;
    deleteProgram:                -            institution    -            -;
    deleteProgramOutcome:         -            institution    -            -;
    getDepartment:                -            institution    institution  institution;
    getDepartmentCurriculum:      -            institution    institution  -;
    getProgram:                   -            institution    institution  institution;
    getProgramOutcome:            -            institution    institution  institution;
    listDepartments:              -            institution    institution  institution;
    listProgramOutcomes:          -            institution    institution  institution;
    listPrograms:                 -            institution    institution  institution;
    updateDepartment:             -            institution    -            -;
    updateProgram:                -            institution    -            -;
    updateProgramOutcome:         -            institution    -            -;

    // Courses and what belongs to them
    copyCourse:                   -            institution    institution  -;
    createAssessment:             -            institution    own          -;
    createCourse:                 -            institution    own          -;
    createEnrollment:             -            institution    own          -;
    createLearningOutcome:        -            institution    own          -;
    deleteAssessment:             -            institution    own          -;
    deleteCourse:                 -            institution    own          -;
    deleteEnrollment:             -            institution    own          -;
    deleteLearningOutcome:        -            institution    own          -;
    enrollStudents:               -            institution    own          -;
    getAssessment:                -            institution    institution  own;
    getAssessmentOutcomeMatrix:   -            institution    institution  own;
    getAssessmentOutcomes:        -            institution    institution  own;
    getCourse:                    -            institution    institution  own;
    getEnrollment:                -            institution    institution  -;
    getLearningOutcome:           -            institution    institution  own;
    getOutcomeProgramMatrix:      -            institution    institution  own;
    getServedOutcomes:            -            institution    institution  own;
    listAssessments:              -            institution    institution  own;
    listCourses:                  -            institution    institution  own;
    listEnrollments:              -            institution    institution  -;
    listLearningOutcomes:         -            institution    institution  own;
    putAssessmentOutcomeMatrix:   -            institution    own          -;
    putAssessmentOutcomes:        -            institution    own          -;
    putOutcomeProgramMatrix:      -            institution    own          -;
    putServedOutcomes:            -            institution    own          -;
    updateAssessment:             -            institution    own          -;
    updateCourse:                 -            institution    own          -;
    updateEnrollment:             -            institution    own          -;
    updateLearningOutcome:        -            institution    own          -;

    // Grades and what follows from them
    clearGrade:                   -            institution    own          -;
    exportGrades:                 -            institution    own          -;
    getGradeTemplate:             -            institution    own          -;
    getStudentAchievements:       -            institution    own          own;
    listGrades:                   -            institution    own          own;
    putGrade:                     -            institution    own          -;
    putGrades:                    -            institution    own          -;

    // Dashboards and analytics
    createGradingScheme:          -            institution    -            -;
    getAcademicPolicy:            -            institution    institution  institution;
    getCourseAnalytics:           -            institution    own          own;
    getGradeDistribution:         -            institution    -            -;
    getGradingScheme:             -            institution    institution  institution;
    getInstitutionDashboard:      -            institution    -            -;
    getOutcomeGraph:              -            institution    own          own;
    getOwnStudentDashboard:       -            -              -            own;
    getPlatformDashboard:         platform     -              -            -;
    getProgramOutcomeTrend:       -            institution    -            -;
    getStudentDashboard:          -            institution    own          own;
    getTeacherDashboard:          -            -              own          -;
    listAlerts:                   -            institution    -            -;
    listCourseSuccess:            -            institution    own          -;
    listDepartmentFigures:        -            institution    -            -;
    listGradingSchemes:           -            institution    institution  institution;
    listStudentsAtRisk:           -            institution    own          -;
    putAcademicPolicy:            -            institution    -            -;
    putGradingScheme:             -            institution    -            -;

    // Imports and jobs
    applyImport:                  -            institution    own          -;
    cancelImport:                 -            institution    own          -;
    cancelJob:                    platform     institution    -            -;
    discardJob:                   platform     institution    -            -;
    followJob:                    platform     institution    own          own;
    getImport:                    -            institution    own          -;
    getJob:                       platform     institution    own          own;
    getStudentTemplate:           -            institution    -            -;
    importGrades:                 -            institution    own          -;
    importStudents:               -            institution    -            -;
    listImportErrors:             -            institution    own          -;
    listImports:                  -            institution    own          -;
    listJobAttempts:              platform     institution    -            -;
    listJobs:                     platform     institution    -            -;
    listQueues:                   platform     -              -            -;
    listWorkers:                  platform     -              -            -;
    pauseQueue:                   platform     -              -            -;
    probeQueue:                   platform     -              -            -;
    resumeQueue:                  platform     -              -            -;
    retryJob:                     platform     institution    -            -;
    retryJobs:                    platform     institution    -            -;

    // Mails
    clearMailSuppression:         platform     institution    -            -;
    listMailDeliveries:           platform     institution    -            -;
    listMailSuppressions:         platform     institution    -            -;
};

/// The row of an operation, as the document tells it.
#[must_use]
pub fn told(operation: &str) -> Option<Value> {
    let row = PERMISSIONS.iter().find(|row| row.operation == operation)?;
    Some(json!({
        "super_admin": word(row.super_admin),
        "institution_admin": word(row.institution_admin),
        "teacher": word(row.teacher),
        "student": word(row.student),
    }))
}

fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::Nothing => "nothing",
        Scope::Own => "own",
        Scope::Institution => "institution",
        Scope::Platform => "platform",
    }
}
