// Score a video with a running service: node examples/client/score_video.mjs clip.mp4 scored.mp4
// Node 18 or newer, no packages. Address and API key: TONEREEL_URL, TONEREEL_API_KEY.
import { createHash, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";

const url = process.env.TONEREEL_URL ?? "http://127.0.0.1:3000";
const key = process.env.TONEREEL_API_KEY;

async function api(path, options = {}) {
  const headers = { ...options.headers, ...(key && { Authorization: `Bearer ${key}` }) };
  const answer = await fetch(url + path, { ...options, headers });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(`${answer.status} ${problem.title ?? answer.statusText}: ${problem.detail ?? ""}`);
  }
  return answer;
}

/** The events of a job, once each and in order; a stream that breaks off is taken up again with Last-Event-ID. */
async function* events(job) {
  let last = "";
  let failures = 0;
  while (true) {
    try {
      const answer = await api(`/v1/soundtracks/${job}/events`, { headers: last && { "Last-Event-ID": last } });
      let text = "";
      for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        text += piece;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
          const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s).slice(0, 2)));
          if (!fields.data) continue;
          last = fields.id;
          failures = 0;
          yield { name: fields.event, ...JSON.parse(fields.data) };
          if (fields.event === "done") return;
        }
      }
    } catch (error) {
      if (++failures === 5) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function main(video, scored) {
  const form = new FormData();
  form.append("file", new Blob([await readFile(video)]), basename(video));
  const upload = await (await api("/v1/uploads", { method: "POST", body: form })).json();

  const request = { sources: [{ kind: "video", upload: upload.id }], format: "mp4", seed: 7 };
  const submitted = await api("/v1/soundtracks", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": randomUUID() },
    body: JSON.stringify(request),
  });
  const { id } = await submitted.json();

  for await (const event of events(id)) {
    console.error(event.name === "progress" ? `${event.stage}: ${Math.round(100 * event.progress)}%` : event.status);
  }

  const job = await (await api(`/v1/soundtracks/${id}`)).json();
  if (job.status !== "succeeded") throw new Error(`${id} ${job.status}: ${job.error?.detail ?? ""}`);
  const output = job.outputs.find((one) => one.kind === "video");
  const content = Buffer.from(await (await api(output.content_url)).arrayBuffer());
  if (createHash("sha256").update(content).digest("hex") !== output.sha256) throw new Error("the download is damaged");
  await writeFile(scored, content);
  console.log(scored);
}

const [video, scored] = process.argv.slice(2);
if (!scored) {
  console.error("usage: node score_video.mjs VIDEO SCORED.mp4");
  process.exit(2);
}
await main(video, scored).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
