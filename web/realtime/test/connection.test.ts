// When the client tries to connect, and what it shows of that: S-130, S-131, S-132, S-139, S-142.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, describe } from "../src/index.js";
import { client, settled } from "./world.js";

const bounds: [number, number][] = [
  [800, 1_200],
  [1_600, 2_400],
  [3_200, 4_800],
  [6_400, 9_600],
  [12_800, 19_200],
  [20_000, 30_000],
];

test("S-104, S-132: the time between attempts grows from about 1 s to 30 s, spread by chance", () => {
  bounds.forEach(([least, most], index) => {
    assert.equal(backoffMs(index + 1, 0), least);
    assert.ok(Math.abs(backoffMs(index + 1, 0.999_999) - most) <= 1);
  });
  for (const attempt of [7, 100, 10_000]) {
    assert.equal(backoffMs(attempt, 0), 20_000);
    assert.ok(backoffMs(attempt, 0.999_999) <= 30_000);
  }
});

test("S-132: it tries without end", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  for (let attempt = 1; attempt <= 60; attempt += 1) {
    assert.equal(socket.attempts.length, attempt);
    world.chance = (attempt % 10) / 10;
    socket.fail();
    const [least, most] = bounds[Math.min(attempt + 1, 6) - 1]!;
    await world.pass(least - 2);
    assert.equal(socket.attempts.length, attempt, "too early");
    await world.pass(most - least + 2);
  }
});

test("S-130, S-132: the first attempt after a loss comes after about 1 s, and seconds are counted down", async () => {
  const { world, socket, realtime } = client();
  const seen: string[] = [];
  realtime.onStatus((status) => seen.push(describe(status)));
  realtime.start();
  await socket.welcome();
  await world.pass(10_000);
  socket.ping();
  const heard = world.now();
  await world.pass(3_000);
  socket.lose();
  assert.equal(realtime.status().state, "reconnecting");
  assert.equal(realtime.status().lastUpdated, heard, "S-131: as of when what is shown is");
  await world.pass(1_000);
  assert.equal(socket.attempts.length, 2);
  socket.fail();
  await world.pass(2_000);
  socket.fail();
  await world.pass(4_000);
  await socket.welcome({ replaying: true });
  socket.tell("caught-up", { position: 12, replayed: 2 });
  assert.deepEqual(seen, [
    "Reconnecting (attempt 1)",
    "Connected",
    "Reconnecting in 1 s (attempt 1)",
    "Reconnecting (attempt 1)",
    "Reconnecting in 2 s (attempt 2)",
    "Reconnecting in 1 s (attempt 2)",
    "Reconnecting (attempt 2)",
    "Reconnecting in 4 s (attempt 3)",
    "Reconnecting in 3 s (attempt 3)",
    "Reconnecting in 2 s (attempt 3)",
    "Reconnecting in 1 s (attempt 3)",
    "Reconnecting (attempt 3)",
    "Catching up",
    "Connected",
  ]);
});

test("S-132: a network that is back, and a tab that is looked at again, cause an attempt at once", async () => {
  for (const change of ["online", "visible"] as const) {
    const { world, socket, realtime } = client();
    realtime.start();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      socket.fail();
      while (socket.attempts.length < attempt + 2) await world.pass(1_000);
    }
    assert.equal(socket.attempts.length, 6);
    socket.fail();
    await world.pass(5_000);
    world.say(change);
    assert.equal(socket.attempts.length, 7, change);
    socket.fail();
    world.say(change);
    assert.equal(socket.attempts.length, 7, "but not more than one a second");
    await world.pass(1_000);
    assert.equal(socket.attempts.length, 8);
  }
});

test("without a network it says so, and waits for one", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  await socket.welcome();
  world.online = false;
  socket.lose();
  world.say("offline");
  assert.equal(realtime.status().state, "offline");
  assert.equal(realtime.status().reason, "no network");
  await world.pass(29_000);
  assert.equal(socket.attempts.length, 1);
  world.say("online");
  assert.equal(socket.attempts.length, 2);
  assert.equal(realtime.status().state, "reconnecting");

  // A browser that is wrong about its network does not keep it away for ever.
  world.online = false;
  socket.fail();
  await world.pass(30_000);
  assert.equal(socket.attempts.length, 3);
});

test("a clock that is set back, or forward, changes nothing about when it tries", async () => {
  for (const setBy of [-3_600_000, 3_600_000]) {
    const { world, socket, realtime } = client();
    realtime.start();
    await socket.welcome();
    socket.lose();
    world.setBy = setBy;
    assert.equal(realtime.status().retryInSeconds, 1);
    await world.pass(1_200);
    assert.equal(socket.attempts.length, 2);
    socket.fail();
    await world.pass(1_000);
    world.say("online");
    assert.equal(socket.attempts.length, 3);
    await socket.welcome();
    assert.equal(realtime.lastUpdated, world.now(), "what is shown goes by the clock as it is");
  }
});

test("a network that comes and goes causes one attempt a second, and none hangs on a network that is gone", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  for (let turn = 0; turn < 100; turn += 1) {
    await world.pass(50);
    world.say("offline");
    assert.equal(realtime.status().state, "offline");
    await world.pass(50);
    world.say("online");
    world.say("online");
    world.say("visible");
  }
  assert.ok(socket.attempts.length >= 9 && socket.attempts.length <= 11, `${socket.attempts.length}`);
  await world.pass(1_000);
  await socket.welcome();
  assert.equal(realtime.status().state, "connected");
});

test("a listener of the status that throws keeps nobody from connecting", async () => {
  const errors: unknown[] = [];
  const { world, socket, realtime } = client({ onListenerError: (error) => errors.push(error) });
  realtime.onStatus(() => {
    throw new Error("a bug");
  });
  const states: string[] = [];
  realtime.onStatus(({ state }) => states.push(state));
  realtime.start();
  assert.equal(socket.attempts.length, 1);
  socket.fail();
  await world.pass(3_000);
  await socket.welcome();
  assert.equal(states.at(-1), "connected");
  assert.equal(errors.length, states.length);
});

test("S-135: a server that stops says when to come back, and nothing makes it earlier", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  await socket.welcome();
  socket.tell("server:stopping", { reconnectInMs: 7_300 });
  await world.pass(100);
  socket.lose("io server disconnect");
  assert.equal(realtime.status().retryInSeconds, 8);
  await world.pass(5_000);
  world.say("visible");
  world.say("online");
  assert.equal(socket.attempts.length, 1);
  await world.pass(2_299);
  assert.equal(socket.attempts.length, 1);
  await world.pass(1);
  assert.equal(socket.attempts.length, 2);
  // It has not come up yet: from here on as ever.
  socket.fail();
  await world.pass(2_400);
  assert.equal(socket.attempts.length, 3);
  await socket.welcome();
  socket.lose();
  await world.pass(1_200);
  assert.equal(socket.attempts.length, 4, "what was said of one end does not count for the next");
});

test("a limit is waited for at least as long as the server asks", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  await settled();
  socket.refuse("limited: sockets-per-account; retry in 12000 ms");
  await world.pass(11_999);
  assert.equal(socket.attempts.length, 1);
  await world.pass(3_001);
  assert.equal(socket.attempts.length, 2);
});

test("S-118: whoever is not let in stays out until the application says otherwise", async () => {
  for (const message of ["unauthorized", "bad request: position is not a number"]) {
    const { world, socket, realtime } = client();
    realtime.start();
    socket.refuse(message);
    assert.equal(realtime.status().state, "offline");
    assert.equal(realtime.status().reason, message);
    await world.pass(3_600_000);
    world.say("online");
    world.say("visible");
    assert.equal(socket.attempts.length, 1);
    realtime.retry();
    assert.equal(socket.attempts.length, 2);
    await socket.welcome();
    assert.equal(realtime.status().state, "connected");
  }
});

test("S-119: whoever is shown out tries once more, and learns that it is for good", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  await socket.welcome();
  socket.lose("io server disconnect");
  await world.pass(1_200);
  assert.equal(socket.attempts.length, 2);
  socket.refuse("unauthorized");
  await world.pass(60_000);
  assert.equal(socket.attempts.length, 2);
});

test("an attempt that comes to nothing is given up, before and after the server has answered", async () => {
  const { world, socket, realtime } = client({ attemptMs: 5_000 });
  realtime.start();
  await world.pass(5_000);
  assert.equal(realtime.status().state, "reconnecting");
  assert.ok(!socket.active);
  await world.pass(3_000);
  assert.equal(socket.attempts.length, 2);
  await socket.accept();
  await world.pass(5_000);
  assert.ok(!socket.connected, "connected, but never welcomed");
  await world.pass(5_000);
  assert.equal(socket.attempts.length, 3);
});

test("a handshake that is ready too late is not passed", async () => {
  const tokens: ((token: string) => void)[] = [];
  const token = () => new Promise<string>((resolve) => tokens.push(resolve));
  const { world, socket, realtime } = client({ attemptMs: 5_000, token });
  realtime.start();
  let given = 0;
  socket.options.auth(() => (given += 1));
  await world.pass(7_000);
  assert.equal(socket.attempts.length, 2);
  tokens[0]!("late");
  await settled();
  assert.equal(given, 0);
});

test("a token that cannot be had is tried for again", async () => {
  const { world, socket, realtime } = client({ token: () => Promise.reject(new Error("no")) });
  realtime.start();
  socket.options.auth(() => assert.fail("there is nothing to pass"));
  await world.pass(3_000);
  assert.equal(socket.attempts.length, 2);
});

test("S-025, S-033, S-034, S-039: the console says what the original's says", async () => {
  const { world, socket, realtime } = client();
  realtime.start();
  realtime.start();
  socket.fail("websocket error");
  await world.pass(3_000);
  await socket.welcome();
  socket.lose("transport close");
  await world.pass(3_000);
  await socket.welcome();
  realtime.close();
  realtime.close();
  assert.deepEqual(world.lines, [
    "[Socket.IO] Connecting to: http://desk",
    "[Socket.IO] Connection error: websocket error",
    "[Socket.IO] Connected successfully: id-1",
    "[Socket.IO] Disconnected: transport close",
    "[Socket.IO] Connected successfully: id-2",
    "[Socket.IO] Cleaning up connection",
    "[Socket.IO] Disconnected: io client disconnect",
  ]);
  await world.pass(600_000);
  assert.equal(socket.attempts.length, 3, "closed is closed");
  assert.equal(world.listeners, 0);
  assert.equal(realtime.status().reason, "closed");
  realtime.start();
  assert.equal(socket.attempts.length, 4);
});
