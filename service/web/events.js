// Follows a job: its stream of events, and looking again and again where no stream comes through.

import { call, Refused } from "./api.js";

const POLL_MS = 1500;
const RETRY_MS = 2000;
const BROKEN_STREAMS = 3;
const OVER = new Set(["succeeded", "failed", "cancelled", "expired"]);

/** Whether nothing about a job will change again. */
export function isOver(job) {
  return OVER.has(job.status);
}

/** The job as it is now. */
export async function look(id, signal) {
  return (await call(`/v1/soundtracks/${id}`, { signal })).json();
}

/**
 * Call `onChange` with the job whenever it changes, until it is over. EventSource cannot carry an API key, so the stream
 * is read with fetch: the same format, the same Last-Event-ID.
 */
export async function follow(id, onChange, signal) {
  let last = null;
  let broken = 0;
  for (;;) {
    const job = await look(id, signal);
    onChange(job);
    if (isOver(job) || signal.aborted) return;
    if (broken >= BROKEN_STREAMS) {
      await pause(POLL_MS, signal);
      continue;
    }
    const before = last;
    try {
      last = await listen(id, last, (event) => onChange(changed(job, event)), signal);
    } catch (error) {
      if (signal.aborted || (error instanceof Refused && error.problem.status < 500)) throw error;
    }
    broken = last === before ? broken + 1 : 0;
    if (broken) await pause(RETRY_MS, signal);
  }
}

/** The job after an event; what the event does not name stays. */
function changed(job, event) {
  const known = ["status", "stage", "progress", "queue_position", "eta_s"];
  for (const name of known) if (event[name] !== undefined) job[name] = event[name];
  return job;
}

/** Read one stream to its end; resolves to the id of the last event. */
async function listen(id, last, onEvent, signal) {
  const headers = { Accept: "text/event-stream", ...(last === null ? {} : { "Last-Event-ID": last }) };
  const answer = await call(`/v1/soundtracks/${id}/events`, { headers, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return last;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event.id) last = event.id;
      if (event.name === "done") {
        await reader.cancel();
        return last;
      }
      if (event.data) onEvent(event.data);
    }
  }
}

function parsed(block) {
  const fields = { id: null, name: "message", data: "" };
  for (const line of block.split("\n")) {
    const [name, ...words] = line.split(":");
    const value = words.join(":").replace(/^ /, "");
    if (name === "id") fields.id = value;
    if (name === "event") fields.name = value;
    if (name === "data") fields.data += value;
  }
  try {
    return { ...fields, data: fields.data ? JSON.parse(fields.data) : null };
  } catch {
    return { ...fields, data: null };
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
