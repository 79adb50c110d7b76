// A client as an application would write it, with whichever version of the official package: it joins one ticket, and
// after a cut it comes back by itself, says what it has seen last and which room it was in.
//
// in:  PACKAGE, URL, TOKEN, TICKET; it ends with its input
// out: {kind: "connected"} | {kind: "disconnected"} | {kind: "joined", answer} | {kind: "event", name, args}
import { createRequire } from "node:module";

const { PACKAGE, URL: url, TOKEN: token, TICKET: ticket } = process.env;
const { io } = createRequire(import.meta.url)(PACKAGE);
let position;
let isIn = false;

function say(told) {
  process.stdout.write(JSON.stringify(told) + "\n");
}

const socket = io(url, {
  transports: ["websocket"],
  reconnectionDelay: 50,
  reconnectionDelayMax: 200,
  auth: (give) => give(isIn ? { token, position, tickets: [ticket] } : { token }),
});
socket.on("connect", () => {
  say({ kind: "connected" });
  if (isIn) return;
  socket.emit("join-ticket", ticket, (answer) => {
    isIn = answer.ok;
    say({ kind: "joined", answer });
  });
});
socket.on("disconnect", () => say({ kind: "disconnected" }));
socket.on("connect_error", (error) => say({ kind: "connect_error", message: error.message }));
socket.onAny((name, ...args) => {
  const seen = args[1]?.position;
  if (seen !== undefined) position = seen;
  say({ kind: "event", name, args });
});
process.stdin.on("end", () => process.exit(0)).resume();
