// An official Socket.IO client in the room of a ticket. It comments on the ticket over HTTP, one comment after the
// other, and measures from just before each request until the comment's broadcast is there.
//
// in:  MODULES (the package.json beside whose node_modules the client lies), URL, TOKEN, TICKET, COMMENTS
// out: the times in microseconds, as a line of JSON; then it stays until its input ends.
import { Agent, request } from "node:http";
import { createRequire } from "node:module";

const { MODULES, URL: url, TOKEN, TICKET, COMMENTS } = process.env;
const { io } = createRequire(MODULES)("socket.io-client");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}` };
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

function comment(content) {
  return new Promise((resolve, reject) => {
    const path = `/api/tickets/${TICKET}/comments`;
    const sent = request(url + path, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      if (answer.statusCode === 201) answer.on("end", resolve);
      else reject(new Error(`${path}: ${answer.statusCode}`));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ content }));
  });
}

const socket = io(url, { transports: ["websocket"], auth: { token: TOKEN }, reconnection: false });
const joined = new Promise((resolve, reject) => {
  socket.on("connect_error", reject);
  socket.on("connect", () => socket.timeout(10_000).emit("join-ticket", TICKET, (error) => (error ? reject(error) : resolve())));
});
await joined;

const micros = [];
for (let number = 0; number < Number(COMMENTS); number += 1) {
  const content = `Comment ${number}: it is still burning, and the smell of toner gets stronger.`;
  let seen;
  const received = new Promise((resolve) => (seen = resolve));
  const listen = (object) => object.content === content && seen(process.hrtime.bigint());
  socket.on("comment:added", listen);
  const start = process.hrtime.bigint();
  await comment(content);
  micros.push(Number(((await received) - start) / 1000n));
  socket.off("comment:added", listen);
  await pause();
}
process.stdout.write(JSON.stringify(micros) + "\n");
process.stdin.on("end", () => process.exit(0)).resume();
