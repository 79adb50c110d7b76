// An SMTP server that nobody here wrote, which misbehaves on demand. It prints one JSON object a line: where it listens, then
// every connection, sign-in and mail. MODE is a list, one item for each mail that is offered; the last one stays.
//   ok         take it
//   refuse     refuse its recipient: 550
//   later      put its recipient off: 451
//   hang       say nothing to its recipient for ever
//   stall      take it whole, and never say so
//   swallow    take it whole, and cut the connection instead of saying so
//   away       close the connection with 421 at once
// KEY and CERT: offer STARTTLS (or, with IMPLICIT, nothing but TLS). USER and PASSWORD: demand them.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { SMTPServer } from "smtp-server";

const { MODE = "ok", KEY, CERT, IMPLICIT, USER, PASSWORD, PORT = "0" } = process.env;
let modes = MODE.split(",");
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const next = () => (modes.length > 1 ? modes.shift() : modes[0]);
const no = (code, text) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
  secure: IMPLICIT === "1",
  key: KEY && readFileSync(KEY),
  cert: CERT && readFileSync(CERT),
  disabledCommands: [...(KEY ? [] : ["STARTTLS"]), ...(USER ? [] : ["AUTH"])],
  authOptional: !USER,
  logger: false,
  disableReverseLookup: true,
  onConnect(session, callback) {
    say({ kind: "connection" });
    if (modes[0] === "away") {
      next();
      return callback(no(421, "not now"));
    }
    callback();
  },
  onAuth(auth, session, callback) {
    const good = auth.username === USER && auth.password === PASSWORD;
    say({ kind: "auth", good, secure: session.secure });
    callback(good ? null : no(535, `no such user as ${auth.username} with ${auth.password}`), { user: USER });
  },
  onMailFrom(address, session, callback) {
    session.mode = next();
    callback();
  },
  onRcptTo(address, session, callback) {
    say({ kind: "offer", mode: session.mode, to: address.address });
    if (session.mode === "refuse") return callback(no(550, `there is no ${address.address}`));
    if (session.mode === "later") return callback(no(451, "later"));
    if (session.mode === "hang") return;
    callback();
  },
  onData(stream, session, callback) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const from = session.envelope.mailFrom.address;
      const raw = Buffer.concat(parts).toString("utf8");
      say({ kind: "mail", mode: session.mode, from, to, raw, secure: session.secure });
      if (session.mode === "swallow") return server.connections.forEach((one) => one._socket.destroy());
      if (session.mode !== "stall") callback();
    });
  },
});
server.on("error", () => {});
server.listen(Number(PORT), "127.0.0.1", () => say({ kind: "listening", port: server.server.address().port }));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    modes = line.split(",");
    say({ kind: "mode" });
  })
  .on("close", () => process.exit(0));
