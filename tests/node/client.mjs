// Drives the official Socket.IO client: reads wishes as JSON lines, writes what happens as JSON lines.
//
// in:  {op: "connect", socket, url, options}       options as for io(); `failing: true` is not special: errors are told
//      {op: "emit", socket, call, event, args}     with an acknowledgement; {ack: false} sends without asking for one
//                                                  `resume: true` in options passes the last position seen, and auth, at
//                                                  every connection
//      {op: "disconnect", socket}                  as an application does
//      {op: "break", socket}                       ends the transport under it, as a network does
// out: {socket, kind: "connect", id, transport} | {kind: "connect_error", message, refused} | {kind: "disconnect", reason}
//      {kind: "upgrade", transport} | {kind: "reconnect_attempt", attempt}
//      {kind: "event", event, args} | {kind: "ack", call, event, args} | {kind: "ack_error", call, message}
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();
const ACK_TIMEOUT_MS = 25_000;

function say(socket, kind, rest) {
  process.stdout.write(JSON.stringify({ socket, kind, ...rest }) + "\n");
}

function connect({ socket: name, url, options: { resume, ...options } }) {
  let seen;
  const see = (position) => {
    seen = Math.max(seen ?? 0, position);
  };
  const { auth } = options;
  if (resume) options.auth = (pass) => pass({ ...auth, position: seen });
  const socket = io(url, { forceNew: true, ...options });
  if (resume) {
    socket.on("welcome", ({ position }) => (seen ??= position));
    socket.on("caught-up", ({ position }) => see(position));
    socket.on("bookmark", ({ position }) => see(position));
    socket.on("resync", ({ position }) => see(position));
    socket.onAny((_, ...args) => {
      if (args[1]?.position) see(args[1].position);
    });
  }
  sockets.set(name, socket);
  socket.on("connect", () => {
    say(name, "connect", { id: socket.id, transport: socket.io.engine.transport.name });
  });
  // Before the socket is connected: the transport may have changed by then.
  socket.io.on("open", () => {
    const engine = socket.io.engine;
    engine.once("upgrade", (transport) => say(name, "upgrade", { transport: transport.name }));
  });
  socket.on("connect_error", (error) => {
    // Refused by the server, not failed on the way: then the socket does not try again by itself.
    say(name, "connect_error", { message: error.message, refused: !socket.active });
  });
  socket.on("disconnect", (reason) => say(name, "disconnect", { reason }));
  socket.onAny((event, ...args) => say(name, "event", { event, args }));
  socket.io.on("reconnect_attempt", (attempt) => say(name, "reconnect_attempt", { attempt }));
}

async function emit({ socket: name, call, event, args, ack }) {
  const socket = sockets.get(name);
  if (ack === false) {
    socket.emit(event, ...args);
    say(name, "ack", { call, args: [] });
    return;
  }
  socket.timeout(ACK_TIMEOUT_MS).emit(event, ...args, (error, ...answer) => {
    if (error) say(name, "ack_error", { call, message: error.message });
    else say(name, "ack", { call, event, args: answer });
  });
}

const operations = {
  connect,
  emit,
  disconnect: ({ socket }) => sockets.get(socket).disconnect(),
  break: ({ socket }) => sockets.get(socket).io.engine.close(),
  forget: ({ socket }) => {
    sockets.get(socket)?.disconnect();
    sockets.delete(socket);
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const wish = JSON.parse(line);
  operations[wish.op](wish);
});
lines.on("close", () => process.exit(0));
