// Drives the official Socket.IO client: reads wishes as JSON lines, writes what happens as JSON lines.
//
// in:  {op: "connect", socket, url, options}       options as for io(), and of an application that comes back:
//                                                  `resume: true` passes the last position seen at every connection,
//                                                  `follow: true` also joins every ticket that is created
//      {op: "reconnect", socket, auth}             connects again if it does not do so by itself, with these parts of
//                                                  `auth` from now on
//      {op: "rejoin", socket}                      joins all tickets that it has ever wanted to be in
//      {op: "emit", socket, call, event, args}     with an acknowledgement; {ack: false} sends without asking for one
//      {op: "disconnect", socket}                  as an application does
//      {op: "break", socket}                       ends the transport under it, as a network does
// out: {socket, kind: "connect", id, transport} | {kind: "connect_error", message, refused} | {kind: "disconnect", reason}
//      {kind: "upgrade", transport} | {kind: "reconnect_attempt", attempt}
//      {kind: "event", event, args} | {kind: "ack", call, event, args} | {kind: "ack_error", call, message}
//      {kind: "ack", event: "join-ticket", ticket, args} of a join that was nobody's wish
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();
const ACK_TIMEOUT_MS = 25_000;

function say(socket, kind, rest) {
  process.stdout.write(JSON.stringify({ socket, kind, ...rest }) + "\n");
}

/** What an application keeps over its connections: where it is, the rooms that it wants to be in, its session. */
class Memory {
  constructor(auth = {}) {
    const { position, tickets = [], ...rest } = auth;
    this.position = position;
    this.tickets = new Set(tickets);
    this.rest = rest;
    /** The session of the last attempt. */
    this.tried = undefined;
  }

  handshake() {
    this.tried = this.rest.token;
    return { ...this.rest, position: this.position, tickets: [...this.tickets] };
  }

  see(position) {
    this.position = Math.max(this.position ?? 0, position);
  }
}

function connect({ socket: name, url, options: { resume, follow, ...options } }) {
  const memory = new Memory(options.auth);
  if (resume) options.auth = (pass) => pass(memory.handshake());
  const socket = io(url, { forceNew: true, ...options });
  sockets.set(name, { socket, memory });
  tell(name, socket);
  if (resume) remember(socket, memory);
  if (follow) joinWhatIsCreated(name, socket, memory);
}

/** Tells of everything that happens to the socket. */
function tell(name, socket) {
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

function remember(socket, memory) {
  socket.on("welcome", ({ position }) => (memory.position ??= position));
  for (const event of ["caught-up", "bookmark", "resync"]) {
    socket.on(event, ({ position }) => memory.see(position));
  }
  socket.onAny((_, ...args) => {
    if (args[1]?.position) memory.see(args[1].position);
  });
  // Whoever signs in again tries again, also if the end of the former session is heard of only now.
  const again = () => {
    if (!socket.active && memory.tried !== memory.rest.token) socket.connect();
  };
  socket.on("connect_error", again);
  socket.on("disconnect", again);
}

function joinWhatIsCreated(name, socket, memory) {
  socket.on("ticket:created", ({ id }) => {
    memory.tickets.add(id);
    join(name, socket, id);
  });
  socket.on("ticket:deleted", ({ id }) => memory.tickets.delete(id));
}

function join(name, socket, ticket) {
  socket.emit("join-ticket", ticket, (...args) => say(name, "ack", { event: "join-ticket", ticket, args }));
}

function reconnect({ socket: name, auth }) {
  const { socket, memory } = sockets.get(name);
  Object.assign(memory.rest, auth);
  if (!socket.active) socket.connect();
}

function rejoin({ socket: name }) {
  const { socket, memory } = sockets.get(name);
  for (const ticket of memory.tickets) join(name, socket, ticket);
}

async function emit({ socket: name, call, event, args, ack }) {
  const { socket } = sockets.get(name);
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
  reconnect,
  rejoin,
  emit,
  disconnect: ({ socket }) => sockets.get(socket).socket.disconnect(),
  break: ({ socket }) => sockets.get(socket).socket.io.engine.close(),
  forget: ({ socket }) => {
    sockets.get(socket)?.socket.disconnect();
    sockets.delete(socket);
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const wish = JSON.parse(line);
  operations[wish.op](wish);
});
lines.on("close", () => process.exit(0));
