import "./lib/link-token";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { loadArea } from "./i18n/text";
import "./lib/preferences";
import { preload } from "./shell/routes";
import "./styles/index.css";

// All at once: texts, the page's own code, and (in `live`) the connection.
void loadArea("common");
void loadArea("shell");
preload(window.location.href);

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
