//! What operators put in front of the program and around it, as it is shipped in `ops/deploy`: the real nginx, HAProxy,
//! PM2 and systemd's own checks. Only ports, folders, addresses and certificates are replaced here.

mod chain;
mod container;
mod fronts;
mod guide;
mod managers;
mod nodes;
mod scripts;
mod shipped;
