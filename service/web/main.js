// The page: asks for music, follows the job, shows what came of it, and remembers nothing but the address.

import { call, onKeyNeeded, Refused, submitForm, submitJson } from "./api.js";
import { byId, make, show } from "./dom.js";
import { follow, isOver } from "./events.js";
import { read, watchFiles } from "./request.js";
import { showResult } from "./result.js";

const NAMES = { queued: "Waiting", running: "Composing", succeeded: "Ready", failed: "Failed", cancelled: "Cancelled", expired: "Expired" };
let current = null; // the job on the stage
let watching = null; // its AbortController
let cursor = null;

function complain(error) {
  if (error?.name === "AbortError") return;
  const problem = error instanceof Refused ? error.problem : { title: "The page failed", detail: String(error?.message ?? error) };
  const parts = [make("h3", { textContent: problem.title }), make("p", { textContent: problem.detail || "" })];
  const fields = (problem.errors || []).map((one) => make("li", { textContent: `${one.pointer || "body"}: ${one.detail}` }));
  if (fields.length) parts.push(make("ul", {}, ...fields));
  if (error?.retryAfter) parts.push(make("p", { textContent: `Try again in ${error.retryAfter} s.` }));
  if (problem.request_id) parts.push(make("p", { className: "hint", textContent: `Request ${problem.request_id}` }));
  byId("problem").replaceChildren(...parts);
  byId("problem").hidden = false;
}

function clear() {
  byId("problem").hidden = true;
  byId("problem").replaceChildren();
}

function showProgress(text, fraction, eta = "") {
  show("progress");
  byId("state").textContent = text;
  byId("eta").textContent = eta;
  if (fraction === null) byId("bar").removeAttribute("value");
  else byId("bar").value = fraction;
}

function showJob(job) {
  current = job;
  if (isOver(job)) return;
  const waits = job.status === "queued";
  const ahead = job.queue_position ? `, ${job.queue_position} ahead` : "";
  const text = job.cancel_requested_at ? "Cancelling" : waits ? `Waiting${ahead}` : job.stage || "Composing";
  showProgress(text, waits ? null : job.progress, job.eta_s ? `about ${Math.ceil(job.eta_s)} s to go` : "");
  byId("cancel").disabled = Boolean(job.cancel_requested_at);
}

async function open(id) {
  watching?.abort();
  const mine = (watching = new AbortController());
  clear();
  list();
  try {
    await follow(id, (job) => !mine.signal.aborted && showJob(job), mine.signal);
    if (!mine.signal.aborted) await finish(current, () => !mine.signal.aborted);
  } catch (error) {
    if (mine.signal.aborted) return;
    show("empty");
    complain(error);
  }
  await list();
}

async function finish(job, isCurrent) {
  if (job.status === "succeeded") {
    show("result");
    await showResult(job, isCurrent);
    return;
  }
  show("empty");
  complain(new Refused(job.error || { title: NAMES[job.status], detail: `The job was ${job.status}.` }));
}

async function submit(event) {
  event.preventDefault();
  clear();
  const form = read();
  if (form === null) {
    complain(new Refused({ title: "Nothing to score yet", detail: "Give a video, an image, a story or a few words." }));
    return;
  }
  await begin(() => submitForm(form, (fraction) => showProgress(fraction < 1 ? "Sending" : "Received", fraction)));
}

async function begin(ask) {
  byId("submit").disabled = byId("again").disabled = true;
  watching?.abort();
  byId("cancel").disabled = true;
  showProgress("Sending", null);
  byId("stage").scrollIntoView({ block: "nearest" });
  try {
    const job = await ask();
    if (location.hash === `#${job.id}`) open(job.id);
    else location.hash = job.id;
  } catch (error) {
    show(current?.status === "succeeded" ? "result" : "empty");
    complain(error);
  } finally {
    byId("submit").disabled = byId("again").disabled = false;
  }
}

/** The same request with the cue sheet as it was edited, and the next seed. */
async function again() {
  clear();
  const text = byId("cues").value.trim();
  let sheet = null;
  try {
    sheet = text ? JSON.parse(text) : null;
  } catch (error) {
    complain(new Refused({ title: "The cue sheet is not JSON", detail: error.message }));
    return;
  }
  const free = sheet === null ? {} : { cue_sheet: sheet, duration_s: null, cuts: null, tempo_bpm: null, key: null, style: null };
  await begin(() => submitJson({ ...current.input, ...free, seed: (current.seed + 1) % 2 ** 31 }));
}

async function cancel() {
  byId("cancel").disabled = true;
  try {
    await call(`/v1/soundtracks/${current.id}/cancel`, { method: "POST" });
  } catch (error) {
    complain(error);
  }
}

async function forget() {
  if (!confirm("Delete this music and its files?")) return;
  try {
    await call(`/v1/soundtracks/${current.id}`, { method: "DELETE" });
    location.hash = "";
  } catch (error) {
    complain(error);
  }
}

function entry(job) {
  const sources = job.input.sources.map((source) => source.text || source.kind).join(" + ") || "cue sheet";
  const time = new Date(job.created_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const anchor = make("a", { href: `#${job.id}` },
    make("span", { className: `badge ${job.status}`, textContent: NAMES[job.status] || job.status }),
    make("span", { className: "what", textContent: sources }),
    make("span", { className: "hint", textContent: time }));
  return make("li", {}, anchor);
}

async function list(more = false) {
  try {
    const from = more && cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = await (await call(`/v1/soundtracks?limit=8${from}`)).json();
    cursor = page.next_cursor;
    const entries = page.data.map(entry);
    if (more) byId("jobs").append(...entries);
    else byId("jobs").replaceChildren(...entries);
    byId("recent").hidden = byId("jobs").childElementCount === 0;
    byId("older").hidden = !cursor;
  } catch (error) {
    complain(error);
  }
}

/** Ask for the API key in a dialog; resolves to it, or to null. */
function askForKey(wasWrong) {
  const dialog = byId("key-dialog");
  byId("key-title").textContent = wasWrong ? "That key is not valid" : "API key";
  dialog.returnValue = "";
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const key = byId("api-key").value.trim();
      byId("api-key").value = "";
      resolve(dialog.returnValue === "given" && key ? key : null);
    }, { once: true });
  });
}

function arrive() {
  const id = location.hash.slice(1);
  if (/^st_[0-9a-z]{26}$/.test(id)) return open(id);
  watching?.abort();
  current = null;
  clear();
  show("empty");
  return list();
}

onKeyNeeded(askForKey);
watchFiles();
byId("request").addEventListener("submit", submit);
byId("again").addEventListener("click", again);
byId("cancel").addEventListener("click", cancel);
byId("forget").addEventListener("click", forget);
byId("older").addEventListener("click", () => list(true));
byId("key-cancel").addEventListener("click", () => byId("key-dialog").close(""));
window.addEventListener("hashchange", arrive);
arrive();
