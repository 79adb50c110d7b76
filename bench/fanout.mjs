// A Socket.IO server as one would write it for this: it checks a token, lets clients join a ticket's room, and what
// one of them says it broadcasts to the room as a comment, in the form that the help desk's comments have.
//
// in:  MODULES (the package.json beside whose node_modules the server lies), TOKEN, TICKET, PERSON
// out: its address, as a line; then it stays until its input ends.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";

const { MODULES, TOKEN, TICKET, PERSON } = process.env;
const { Server } = createRequire(MODULES)("socket.io");
const http = createServer();
const io = new Server(http, { serveClient: false });
const sessions = new Map([[TOKEN, JSON.parse(PERSON)]]);
let position = 0;

io.use((socket, next) => {
  const person = sessions.get(socket.handshake.auth.token);
  if (!person) return next(new Error("unauthorized"));
  socket.data.person = person;
  next();
});
io.on("connection", (socket) => {
  socket.on("join-ticket", (ticket, ack) => {
    if (ticket !== TICKET) return ack({ ok: false, error: "not found" });
    socket.join(`ticket:${ticket}`);
    ack({ ok: true, position });
  });
  socket.on("say", (content) => {
    const { id: userId, ...user } = socket.data.person;
    const createdAt = new Date().toISOString();
    position += 1;
    const comment = { id: randomUUID(), content, isInternal: false, ticketId: TICKET, userId, createdAt, user };
    const meta = { position, version: position, eventId: randomUUID(), occurredAt: createdAt, actor: userId };
    io.to(`ticket:${TICKET}`).emit("comment:added", comment, meta);
  });
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  process.stdout.write(`http://127.0.0.1:${http.address().port}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
