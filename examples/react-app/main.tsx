/** The whole messenger in a React app. `CHAT_CORS_ORIGINS=http://localhost:5173 npm start`, and `npx vite examples/react-app` */
/// <reference types="vite/client" />
import { createClient, createSession } from "@parley/client";
import { browser } from "@parley/client/browser";
import { Messenger, ParleyProvider } from "@parley/react";
import { createRoot } from "react-dom/client";
import "@parley/react/styles.css";

const url = import.meta.env.VITE_PARLEY_URL ?? "http://127.0.0.1:3000";
const platform = browser();
const session = createSession({ url, platform });
const client = createClient({ url, token: session.token, platform });
const root = createRoot(document.getElementById("app") as HTMLElement);

const ann = { login: "ann", password: "parley-demo" };
const signedIn = session.restore().then(user => user ?? session.signIn(ann));
const fail = (err: Error) => root.render(<p role="alert">{`No sign-in at ${url}: ${err.message}`}</p>);
signedIn.then(() => root.render(<ParleyProvider client={client}>{<Messenger />}</ParleyProvider>), fail);
