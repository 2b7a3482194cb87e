// The service over HTTP: problems as errors, and the API key of this tab.

const STORED = "tonereel-api-key";
let ask = async () => null;
let asking = null; // one dialog, however many requests wait for the key

/** What the service refused, as RFC 9457 writes it. */
export class Refused extends Error {
  constructor(problem, retryAfter = null) {
    super(problem.detail || problem.title);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** Who to ask when the service wants a key; resolves to the key, or to null. */
export function onKeyNeeded(how) {
  ask = how;
}

function askForKey(wasWrong) {
  asking ??= ask(wasWrong).finally(() => { asking = null; });
  return asking;
}

/** Whether requests carry a key, so that plain links and players cannot reach the service. */
export function hasKey() {
  return sessionStorage.getItem(STORED) !== null;
}

function keyHeader() {
  const key = sessionStorage.getItem(STORED);
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

async function withKey(send) {
  for (let tries = 0; ; tries += 1) {
    const answer = await send(keyHeader());
    if (answer.status !== 401 || tries === 2) return answer;
    const key = await askForKey(tries > 0 || hasKey());
    if (key === null) return answer;
    sessionStorage.setItem(STORED, key);
  }
}

function problemOf(status, text, type) {
  if (type.includes("json")) {
    try {
      const body = JSON.parse(text);
      if (typeof body.title === "string") return body;
    } catch {
      // not what it says it is; the status has to do
    }
  }
  return { title: `The service answered ${status}`, status, detail: text.slice(0, 300) || "It said nothing more." };
}

const AWAY = { title: "The service cannot be reached", status: 503, detail: "Look whether it is running, then try again." };

/** Send a request; resolves to the answer, throws Refused. */
export async function call(path, options = {}) {
  let answer;
  try {
    answer = await withKey((key) => fetch(path, { ...options, headers: { ...options.headers, ...key } }));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(AWAY);
  }
  if (answer.ok) return answer;
  const type = answer.headers.get("content-type") || "";
  throw new Refused(problemOf(answer.status, await answer.text(), type), answer.headers.get("retry-after"));
}

/** Ask for music with a form; `onSent` hears how much of it has been sent, from 0 to 1. */
export async function submitForm(form, onSent) {
  const once = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  const answer = await withKey((key) => sent(form, { ...key, "Idempotency-Key": once }, onSent));
  if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.text);
  if (answer.status === 0) throw new Refused(AWAY);
  throw new Refused(problemOf(answer.status, answer.text, answer.type), answer.retryAfter);
}

function sent(form, headers, onSent) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch cannot say how much has been sent
    request.open("POST", "/v1/soundtracks");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onSent(event.loaded / event.total);
    });
    request.addEventListener("loadend", () => {
      const header = (name) => request.getResponseHeader(name);
      resolve({ status: request.status, text: request.responseText, type: header("content-type") || "", retryAfter: header("retry-after") });
    });
    request.send(form);
  });
}

/** Ask for music with JSON. */
export async function submitJson(body) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": `${Date.now()}-${Math.random()}` };
  return (await call("/v1/soundtracks", { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** An address that a player, a picture or a link can use: the file itself, or a copy when a key is needed. */
export async function reachable(path) {
  if (!hasKey()) return path;
  return URL.createObjectURL(await (await call(path)).blob());
}
