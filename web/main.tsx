import "@parley/react/styles.css";
import "./styles/app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { start } from "./session/session.ts";
import { dress } from "./settings/settings.ts";
import { startWorker } from "./worker/worker.ts";

dress();
void start();
void startWorker();

const root = document.getElementById("app");
if (root)
	createRoot(root).render(
		<StrictMode>
			<App />
		</StrictMode>,
	);
