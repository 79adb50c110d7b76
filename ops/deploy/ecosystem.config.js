// Informejo under PM2: `pm2 start ops/deploy/ecosystem.config.js`, from any folder. The program reads its settings from
// `.env` in the project's folder. deploy.sh does all of it.
const path = require("node:path");

const root = path.resolve(__dirname, "..", "..");
const target = path.resolve(root, process.env.CARGO_TARGET_DIR || "target");

module.exports = {
  apps: [
    {
      name: "informejo",
      cwd: process.env.INFORMEJO_HOME || root,
      script: process.env.INFORMEJO_BINARY || path.join(target, "release", "informejo"),
      args: "serve",
      interpreter: "none",
      // One process: it uses every core, and PM2's cluster mode is for programs in Node.js. More nodes are more programs
      // on one database; docs/realtime.md says how.
      exec_mode: "fork",
      instances: 1,

      // Online when it listens and answers: the program says so itself.
      wait_ready: true,
      listen_timeout: 600000,
      // The program ends within 10 s of SIGINT, and stops the embedded PostgreSQL itself: no signal to its children.
      kill_timeout: 15000,
      treekill: false,

      autorestart: true,
      // At once, then slower and slower: a database that is not there yet will come.
      exp_backoff_restart_delay: 250,
      max_restarts: 200,
      min_uptime: "10s",
      max_memory_restart: "1G",

      // Lines as the program writes them; `pm2 logs informejo` shows them.
      merge_logs: true,
      // What the running program was deployed from; deploy.sh compares it.
      env: { INFORMEJO_DEPLOYED: process.env.INFORMEJO_DEPLOYED || "" },
    },
  ],
};
