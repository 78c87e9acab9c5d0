// The built client against a running server: sign in, import, follow the progress, read achievements.
// Wants ACURATE_BASE_URL, ACURATE_EMAIL and ACURATE_PASSWORD of an institution admin.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AcuRate, AcuRateError, form, unwrap } from "../dist/index.js";

const { ACURATE_BASE_URL: baseUrl, ACURATE_EMAIL: email, ACURATE_PASSWORD: password } = process.env;

async function signedIn() {
  const acurate = new AcuRate({ baseUrl });
  await acurate.signIn(email, password);
  return acurate;
}

/** Unlike any other of this run and of earlier ones. */
const mark = `${Date.now()}${Math.floor(Math.random() * 1000)}`.slice(-10);

test("an administrator imports students, follows the job to its end and reads what came of it", async () => {
  const acurate = await signedIn();
  const lines = Array.from({ length: 500 }, (_, n) => `${mark}${n},s${mark}${n}@ornek.edu.tr,Ayşe,Yılmaz`);
  const csv = ["student_number,email,first_name,last_name", ...lines, `${mark}x,nobody,Ali,Veli`].join("\n");
  const body = form({ file: new Blob([csv], { type: "text/csv" }), mode: "apply", send_welcome: false });
  const accepted = await unwrap(acurate.api.POST("/imports/students", { body }));

  const seen = [];
  for await (const job of acurate.followJob(accepted.job.id)) seen.push(job);

  assert.equal(seen.at(-1).state, "succeeded");
  assert.equal(seen.at(-1).progress.done, 501);
  const done = await unwrap(acurate.api.GET("/imports/{id}", { params: { path: { id: accepted.import.id } } }));
  assert.equal(done.state, "completed");
  assert.deepEqual([done.counts.created, done.counts.rejected, done.counts.read], [500, 1, 501]);

  const query = { search: mark, page_size: 1 };
  const students = await unwrap(acurate.api.GET("/students", { params: { query } }));
  assert.equal(students.total, 500);
  const id = students.items[0].id;
  const achievements = await unwrap(acurate.api.GET("/students/{id}/achievements", { params: { path: { id } } }));
  assert.equal(achievements.student_id, id);
  assert.deepEqual(achievements.learning_outcomes, []);
});

test("an error is thrown with the problem that the server described", async () => {
  const acurate = await signedIn();
  const wrong = acurate.api.POST("/departments", { body: { code: "", name: "x" } });
  await assert.rejects(unwrap(wrong), (error) => {
    assert.ok(error instanceof AcuRateError);
    assert.equal(error.problem.status, 422);
    assert.equal(error.problem.errors[0].field, "code");
    return true;
  });
});

test("an access token that has ended is renewed once for all requests that were sent with it", async () => {
  let renewals = 0;
  let refused = 0;
  let renewed;
  const renewal = new Promise((resolve) => (renewed = resolve));
  const refusing = async (input, init) => {
    const request = new Request(input, init);
    if (request.url.endsWith("/auth/refresh")) {
      renewals += 1;
      const answer = await fetch(request);
      setTimeout(renewed, 0);
      return answer;
    }
    if (refused === 5 || !request.headers.has("authorization")) return fetch(request);
    refused += 1;
    // The last refusal arrives only when the others have a new token already.
    if (refused === 5) await renewal;
    return new Response("{}", { status: 401 });
  };
  const acurate = new AcuRate({ baseUrl, fetch: refusing });
  await acurate.signIn(email, password);
  const answers = await Promise.all(Array.from({ length: 5 }, () => unwrap(acurate.api.GET("/auth/me"))));
  assert.ok(answers.every((me) => me.email === email));
  assert.equal(refused, 5);
  assert.equal(renewals, 1);
});

test("after signing out nothing is answered any more", async () => {
  const acurate = await signedIn();
  await acurate.signOut();
  const { response } = await acurate.api.GET("/auth/me");
  assert.equal(response.status, 401);
});
